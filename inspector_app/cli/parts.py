"""Commands that inspect parts: the window, the demonstration, the loop without a window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    SayOnce,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    say,
    stop_signals,
)
from inspector_app.domain.control import Level
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.records import entry_record

LineOutputs = Annotated[
    list[str] | None,
    typer.Option(
        "--line",
        metavar="SPEC",
        help="Who is told: none, file:PATH, modbus://…, modbus-server://…, s7://…, opcua://…, mqtt://….",
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="URI",
        help="folder:PATH, synthetic:, video:PATH, usb:0, rtsp://…, pylon:SERIAL, aravis:SERIAL, gentl:…, views:….",
    ),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="Ask this prediction server before the local model: grpc://HOST:PORT, grpcs://….",
    ),
]


@known_faults_in_one_sentence
def station(source: Source = None, line: LineOutputs = None, server: Server = None, data: DataFolder = None) -> None:
    """Open the station's window on the data folder."""
    from inspector_app.bootstrap.display import require_window_libraries

    require_window_libraries(shown=True)
    from inspector_app.bootstrap.window import open_window

    code = open_window(data, source=source, line=line, server=server)
    if code:
        raise typer.Exit(code)


@known_faults_in_one_sentence
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="No window: a simulated shift, report, pictures.")
    ] = False,
    parts: Annotated[int, typer.Option("--parts", min=5, help="Parts of the simulated shift.")] = 200,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for what the demonstration leaves.")] = Path(
        "report"
    ),
) -> None:
    """Show the station on made-up parts; without a display, run a simulated shift through all five levels."""
    from inspector_app.bootstrap.demo import headless_shift, open_demo_window
    from inspector_app.bootstrap.display import display_present, require_window_libraries

    if not headless and not display_present():
        say("There is no display, so the demonstration runs a simulated shift without a window.")
        headless = True
    require_window_libraries(shown=not headless)
    if not headless:
        raise typer.Exit(open_demo_window(out))
    with progress_bar() as bar:
        task = bar.add_task("Shift", total=parts)

        def on_part(done: int, what: str) -> None:
            bar.update(task, completed=done, total=max(done, parts), description=what)
            if bar.disable and done % max(1, parts // 10) == 0:
                say(f"{what}: {done} of {max(done, parts)} parts")

        left = headless_shift(parts, out, on_part)
    for path in left:
        print_text(str(path))


@known_faults_in_one_sentence
def run(
    source: Source = None,
    level: Annotated[Level | None, typer.Option("--level", help="Degree of automation; else the one in force.")] = None,
    parts: Annotated[int | None, typer.Option("--parts", min=1, help="Stop after so many parts.")] = None,
    canary: Annotated[float | None, typer.Option("--canary", min=0.0, max=1.0, help="Canary share, 0 to 1.")] = None,
    decider: Annotated[
        str | None,
        typer.Option("--decider", metavar="SPEC", help="Who judges: truth, or simulated:se=.95,sp=.98. Else nobody."),
    ] = None,
    line: LineOutputs = None,
    server: Server = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Inspect parts without a window: until the source ends, or so many parts."""
    from inspector_app.bootstrap.running import RunRequest, run_parts

    say_once = SayOnce()
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Parts", total=parts)

        def on_entry(entry: LogEntry) -> None:
            bar.advance(task)
            if as_json:
                print_json(entry_record(entry))

        outcome = run_parts(
            data,
            RunRequest(source, line, level, canary, decider, parts, server),
            on_entry=on_entry,
            say=say_once,
            cancelled=stop_asked.is_set,
        )
    if not as_json:
        for text in outcome.lines():
            print_text(text)
    if outcome.fault is not None:
        say_once(outcome.fault)
        raise typer.Exit(1)
