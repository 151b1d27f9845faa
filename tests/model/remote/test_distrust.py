"""What a client does not take from a server, and what it shows it: one sentence each, and never a prediction."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import trustme

from inspector_app.domain.errors import KnownFault, SettingsError
from inspector_app.domain.prediction import Box, PredictionStatus, unusable_prediction
from model.protocol.place import Shown, server_url
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import bytes_tensor, number_tensor

TOKEN = "0123456789abcdef0123"


@pytest.fixture
def good(local, picture):
    return local.predict(picture)


@pytest.fixture
def asked(plain_server, connect, picture):
    """Connect to a good server, then have it answer what ``spoil`` makes of its tensors."""

    def ask(spoil):
        server = plain_server()
        client = connect(server.url)
        client.warm_up(*picture.shape[:2])
        server.spoil = spoil
        with pytest.raises(KnownFault) as caught:
            client.predict(picture)
        sentence = str(caught.value)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        server.spoil = lambda tensors: tensors
        return client, sentence

    return ask


def replaced(name, tensor):
    return lambda tensors: [tensor if each.name == name else each for each in tensors]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (replaced("probability", number_tensor("probability", float("nan"))), "no prediction"),
        (replaced("probability", number_tensor("probability", float("inf"))), "no prediction"),
        (replaced("probability", number_tensor("probability", 1.5)), "no prediction"),
        (replaced("probability", number_tensor("probability", -1e-9)), "no prediction"),
        (replaced("probability", bytes_tensor("probability", b"0.1")), "FP64 [1] is expected"),
        (replaced("regions", number_tensor("regions", 1.0)), "BYTES [1] is expected"),
        (replaced("regions", bytes_tensor("regions", b"[{]")), "'regions' cannot be read"),
        (replaced("regions", bytes_tensor("regions", b'[{"class":"scratch"}]')), "'regions' cannot be read"),
        (replaced("status", bytes_tensor("status", b"fine")), "no prediction"),
        (replaced("status", bytes_tensor("status", b"\xff")), "no UTF-8"),
        (replaced("elapsed_ms", number_tensor("elapsed_ms", float("nan"))), "no prediction"),
        (lambda tensors: tensors[1:], "lacks the output status"),
        (lambda tensors: [], "lacks the output"),
        (lambda tensors: [*tensors, tensors[0]], "two tensors of the same name"),
        (lambda tensors: b"\xff\xff\xff\xff", "no message of the protocol"),
        (lambda tensors: [replace(tensors[1], shape=(2,)), *tensors[2:], tensors[0]], "FP64 [1] is expected"),
        (replaced("detail", bytes_tensor("detail", b"x" * 5_000_000)), "too large"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_one_sentence(asked, spoil, words):
    client, sentence = asked(spoil)
    assert words in sentence
    assert client.connected


def test_places_outside_the_picture_are_refused(asked, good):
    outside = replace(good, regions=(replace(good.regions[0], box=Box(120, 90, 9, 6)),))
    assert "outside the picture" in asked(lambda tensors: prediction_tensors(outside))[1]
    corner = replace(good, regions=(replace(good.regions[0], polygon=((0, 0), (129, 0), (0, 1))),))
    assert "outside the picture" in asked(lambda tensors: prediction_tensors(corner))[1]


def test_a_failed_prediction_of_the_server_is_passed_on_as_a_failure(asked, local):
    failed = unusable_prediction(PredictionStatus.FAILED, local.model, 1.0, "Its output is not finite.")
    client, sentence = asked(lambda tensors: prediction_tensors(failed))
    assert sentence == "It answered failed: Its output is not finite."
    assert client.connected


@pytest.mark.parametrize("key", ["sha256", "preprocessing_sha256", "version", "name"])
def test_another_model_in_the_middle_of_the_shift_ends_the_connection(asked, good, picture, key):
    other = replace(good, model=replace(good.model, **{key: "e" * 64}))
    client, sentence = asked(lambda tensors: prediction_tensors(other))
    assert "another model" in sentence
    assert not client.connected
    client.warm_up(*picture.shape[:2])  # the right one is there again, and was looked at anew
    assert client.predict(picture).status is PredictionStatus.OK


def test_no_model_at_all_is_another_model(asked, good):
    nameless = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "There is no model.")
    assert "another model: none" in asked(lambda tensors: prediction_tensors(nameless))[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda fields: {**fields, "inputs": []}, "no input 'pixels' of type UINT8"),
        (lambda fields: {**fields, "outputs": fields["outputs"][1:]}, "lacks the output status"),
    ],
)
def test_a_model_with_other_tensors_is_refused_at_once(plain_server, connect, picture, change, words):
    server = plain_server()
    server.metadata = change
    with pytest.raises(KnownFault, match=words):
        connect(server.url).warm_up(*picture.shape[:2])


def test_a_picture_too_large_to_send_is_refused_here(plain_server, connect, picture):
    client = connect(plain_server().url, most_sent_bytes=20_000)
    client.warm_up(*picture.shape[:2])
    with pytest.raises(KnownFault, match="too large"):
        client.predict(picture)


# --- connections -------------------------------------------------------------------------------------------------


def test_nobody_there_is_one_sentence_at_once(connect, picture, free_port):
    client = connect(f"grpc://127.0.0.1:{free_port()}")
    with pytest.raises(KnownFault, match="There is no connection"):
        client.warm_up(*picture.shape[:2])


def test_a_server_that_comes_back_is_connected_anew_and_looked_at_again(
    plain_server, connect, local, picture, free_port
):
    first = plain_server(port=free_port())
    client = connect(first.url)
    client.warm_up(*picture.shape[:2])
    first.stop()
    with pytest.raises(KnownFault, match="There is no connection"):
        client.predict(picture)
    assert not client.connected
    second = plain_server(port=first.port)
    second.spoil = lambda tensors: prediction_tensors(
        replace(local.predict(picture), model=replace(local.model, version="2.0"))
    )
    with pytest.raises(KnownFault, match="another model"):
        client.warm_up(*picture.shape[:2])
    second.spoil = lambda tensors: tensors
    client.warm_up(*picture.shape[:2])
    assert client.predict(picture).status is PredictionStatus.OK


def test_the_first_server_that_serves_the_model_is_used(plain_server, connect, picture, free_port):
    good = plain_server()
    client = connect(f"grpc://127.0.0.1:{free_port()}", good.url)
    client.warm_up(*picture.shape[:2])
    assert client.server == good.url
    assert client.predict(picture).status is PredictionStatus.OK


def test_a_call_that_is_under_way_is_cut_off_by_closing(plain_server, connect, picture):
    server = plain_server()
    client = connect(server.url)
    client.warm_up(*picture.shape[:2])
    server.gate.clear()
    asked_at = threading.Event()
    server.spoil = lambda tensors: (asked_at.set(), tensors)[1]
    said = []

    def ask():
        with pytest.raises(KnownFault) as caught:
            client.predict(picture)
        said.append(str(caught.value))

    asking = threading.Thread(target=ask)
    asking.start()
    assert asked_at.wait(60.0)
    client.close()
    asking.join(60.0)
    assert said == ["The station has let go of it."]


# --- token and certificates --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def papers_of_a_plant(tmp_path_factory):
    """Return a folder with an authority, the server's and the station's certificate, a stranger's, and a token."""
    folder = tmp_path_factory.mktemp("plant")
    plant, stranger = trustme.CA(), trustme.CA()
    plant.cert_pem.write_to_path(folder / "plant.pem")
    stranger.cert_pem.write_to_path(folder / "stranger.pem")
    for name, authority in (("server", plant), ("station", plant), ("intruder", stranger)):
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    (folder / "token").write_text(TOKEN + "\n")
    (folder / "wrong").write_text("fedcba9876543210fedc\n")
    return folder


@pytest.fixture(scope="module")
def guarded(start_server, top_hat_data, papers_of_a_plant):
    """Our server with a token and mutual TLS."""
    folder = papers_of_a_plant
    started = start_server(
        "--model", "top-hat 1.0", "--token-file", str(folder / "token"), "--tls-cert", str(folder / "server.pem"),
        "--tls-key", str(folder / "server.key"), "--client-ca", str(folder / "plant.pem"), data=top_hat_data,
    )  # fmt: skip
    return "grpcs://localhost:" + started.grpc.rpartition(":")[2]


def shown(folder, *, token="token", authority="plant", own="station"):
    named = {"token_file": folder / token, "authority": folder / f"{authority}.pem"}
    return named | ({"certificate": folder / f"{own}.pem", "key": folder / f"{own}.key"} if own else {})


def test_token_and_both_certificates_let_the_station_in(guarded, connect, local, picture, papers_of_a_plant):
    client = connect(guarded, shown=shown(papers_of_a_plant))
    client.warm_up(*picture.shape[:2])
    assert client.predict(picture).probability == local.predict(picture).probability


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"token": "wrong"}, "does not let this station in"),
        ({"authority": "stranger"}, "There is no connection"),
        ({"own": None}, "There is no connection"),
        ({"own": "intruder"}, "There is no connection"),
    ],
)
def test_anything_wrong_is_one_sentence_and_no_answer(guarded, connect, picture, papers_of_a_plant, wrong, words):
    client = connect(guarded, shown=shown(papers_of_a_plant, **wrong))
    with pytest.raises(KnownFault, match=words) as caught:
        client.warm_up(*picture.shape[:2])
    assert TOKEN not in str(caught.value)


def test_a_renewed_token_is_read_at_the_next_connection(plain_server, connect, good, picture, tmp_path):
    server, token = plain_server(), tmp_path / "token"
    token.write_text("first")
    client = connect(server.url, shown={"token_file": token})
    client.warm_up(*picture.shape[:2])
    token.write_text("second\n")
    other = replace(good, model=replace(good.model, version="2.0"))
    server.spoil = lambda tensors: prediction_tensors(other)
    with pytest.raises(KnownFault, match="another model"):
        client.predict(picture)
    server.spoil = lambda tensors: tensors
    client.warm_up(*picture.shape[:2])
    client.predict(picture)
    assert {server.tokens[0], server.tokens[-1]} == {"Bearer first", "Bearer second"}


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("grpc://edge:8001", {}, "use grpcs://, or say plaintext"),
        ("grpc://127.0.0.1", {"authority": "ca.pem"}, "certificates are for grpcs"),
        ("grpcs://edge", {"certificate": "a.pem"}, "go together"),
        ("grpc://localhost", {"token_file": "missing"}, "missing cannot be read"),
        ("grpc://localhost", {"token_file": "two words"}, "a token is one word"),
    ],
)
def test_what_must_not_be_shown_to_a_server(tmp_path, url, options, words):
    (tmp_path / "two words").write_text("two words")
    paths = {name: tmp_path / value for name, value in options.items()}
    with pytest.raises(SettingsError, match=words):
        Shown(**paths).check(server_url(url))


def test_a_protected_network_may_do_without_tls():
    Shown(plaintext=True).check(server_url("grpc://edge:8001"))
    Shown().check(server_url("grpc://[::1]:9000"))


@pytest.mark.parametrize(
    "url", ["edge:8001", "http://edge", "grpc://", "grpc://edge:port", "grpc://u@edge", "grpc://edge/x"]
)
def test_a_url_that_is_none(url):
    with pytest.raises(SettingsError, match="a server is grpc://HOST:PORT"):
        server_url(url)


def test_a_port_that_is_not_named():
    assert str(server_url("grpcs://edge")) == "grpcs://edge:8001"
    assert str(server_url("grpc://[::1]")) == "grpc://[::1]:8001"
