"""A real RTSP server for the tests, run by the system's Python: ``rtsp_server.py PORT PATTERN`` or ``check``."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ELEMENTS = ["x264enc", "rtph264pay", "multifilesrc", "pngdec", "videoconvert"]


def main() -> int:
    Gst.init(None)
    if sys.argv[1] == "check":
        return sum(Gst.ElementFactory.find(element) is None for element in ELEMENTS)
    port, pattern = sys.argv[1:]
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( multifilesrc location={pattern} index=0 start-index=0 stop-index=9 loop=true caps=image/png,framerate=20/1 "
        "! pngdec ! videoconvert ! identity sync=true "
        "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=1 quantizer=10 pass=quant "
        "! rtph264pay name=pay0 pt=96 )"
    )
    server.get_mount_points().add_factory("/line", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
