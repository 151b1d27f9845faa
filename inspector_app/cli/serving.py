"""Predictions for others: the server, and whole folders."""

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
    stop_signals,
    told_progress,
)


@known_faults_in_one_sentence
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; other machines only with a token.")] = None,
    http_port: Annotated[int | None, typer.Option(min=0, max=65_535, help="0: any free one.")] = None,
    grpc_port: Annotated[int | None, typer.Option(min=0, max=65_535, help="0: any free one.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="[NAME=]MODEL",
            help="'NAME VERSION', also as default=, blue=, green=; several times. Else as the station has them.",
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Pictures in work at once.")] = None,
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Clients must send the token in it.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, PEM.")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Clients must show a certificate of this authority.")
    ] = None,
    plaintext: Annotated[
        bool | None, typer.Option("--plaintext", help="Serve other machines without TLS, on a protected network.")
    ] = None,
    may_load: Annotated[
        bool | None, typer.Option("--may-load", help="Clients may load, unload and name models.")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Serve predictions over Open Inference Protocol v2 (gRPC, HTTP) until Ctrl+C; what is in hand is finished."""
    from inspector_app.bootstrap.serving import ServeRequest
    from inspector_app.bootstrap.serving import serve as serve_models

    def on_ready(http: str, grpc: str) -> None:
        if as_json:
            print_json({"event": "Ready", "http": http, "grpc": grpc})
        else:
            print_text(f"Serving on {http} and {grpc}; the API is shown at {http}/docs.")

    request = ServeRequest(
        host=host,
        http_port=http_port,
        grpc_port=grpc_port,
        models=tuple(model) if model else None,
        workers=workers,
        token_file=token_file,
        tls_cert=tls_cert,
        tls_key=tls_key,
        client_ca=client_ca,
        plaintext=plaintext,
        may_load=may_load,
    )
    with stop_signals() as stop_asked:
        serve_models(data, request, on_ready=on_ready, say=SayOnce(), stop_asked=stop_asked)


@known_faults_in_one_sentence
def batch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Pictures, or a data set.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Table to write: .csv or .parquet.")],
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="'NAME VERSION'; else the station's, or the server's default.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this server: grpc://HOST:PORT, or grpcs:// for TLS.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The server's token.")] = None,
    server_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Authority of the server's certificate, PEM.")
    ] = None,
    client_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Own certificate, PEM.")] = None,
    client_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, PEM.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew; otherwise an ended batch goes on.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Judge a folder of pictures and write a table. Ctrl+C stops it; the same command goes on where it ended."""
    from inspector_app.bootstrap.batching import BatchRequest, run_batch

    request = BatchRequest(folder, out, model, server, token_file, server_ca, client_cert, client_key, restart)
    with stop_signals() as stop_asked, told_progress("Judging", as_lines=False) as tell:
        outcome = run_batch(
            data,
            request,
            on_row=print_json if as_json else lambda _: None,
            on_progress=lambda done, total: tell("Judging", done, total),
            cancelled=stop_asked.is_set,
        )
    if as_json:
        print_json(outcome.record())
    else:
        for line in outcome.lines():
            print_text(line)
