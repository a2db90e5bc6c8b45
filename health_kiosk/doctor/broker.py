"""The way to the broker: its name, its port, and whether it lets the station in."""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime

from edge_agent.settings import MqttSection
from health_kiosk.doctor import certificates, mqtt_greeting
from health_kiosk.doctor.finding import Check, Finding, Words

SECONDS = 10.0

_ADDRESS = Check("broker_address", Words("broker address", "服务器地址"))
_PORT = Check("broker_port", Words("broker port", "服务器端口"))
_LOGIN = Check("broker_login", Words("broker login", "服务器登录"))
_NOT_VALID = 0x85
_NO_MQTT_5 = 0x84
_NOT_KNOWN = (0x86, 0x87)


def look(station: str, mqtt: MqttSection, now: datetime) -> Iterator[Finding]:
    """Go the way of the agent, one step after the other, until one fails.

    The login is under the name `<station>-doctor`: a broker gives each name one connection, and
    would end that of a running agent.
    """
    if mqtt.tls is not None:
        yield from certificates.own(mqtt.tls, now)
    try:
        found = socket.getaddrinfo(mqtt.host, mqtt.port, type=socket.SOCK_STREAM)
    except OSError as error:
        yield _ADDRESS.fail(
            Words("%s is not known (%s)", "无法解析 %s（%s）") % (mqtt.host, error.strerror),
            Words("check [mqtt] host and the network", "请检查 [mqtt] host 和网络"),
        )
        return
    addresses = sorted({str(one[4][0]) for one in found})
    yield _ADDRESS.ok(Words("%s is %s", "%s 对应 %s") % (mqtt.host, ", ".join(addresses)))
    try:
        way = socket.create_connection((mqtt.host, mqtt.port), SECONDS)
    except OSError as error:
        yield _PORT.fail(
            Words("nobody answers at port %d (%s)", "端口 %d 无应答（%s）")
            % (mqtt.port, error.strerror or type(error).__name__),
            Words(
                "check [mqtt] port, the firewall and the broker",
                "请检查 [mqtt] port、防火墙和服务器",
            ),
        )
        return
    yield _PORT.ok(Words("port %d answers", "端口 %d 有应答") % mqtt.port)
    with way:
        yield from _inside(station, mqtt, way, now)


def _inside(
    station: str, mqtt: MqttSection, way: socket.socket, now: datetime
) -> Iterator[Finding]:
    """Encryption, if there is any, and the login."""
    if mqtt.tls is None:
        yield _login(station, mqtt, way)
        return
    shaken = certificates.handshake(way, mqtt, now)
    yield shaken.finding
    if shaken.way is not None:
        with shaken.way:
            yield _login(station, mqtt, shaken.way)


def _login(station: str, mqtt: MqttSection, way: socket.socket) -> Finding:
    password = mqtt.password.get_secret_value() if mqtt.password else None
    try:
        way.sendall(mqtt_greeting.connect(f"{station}-doctor", station, password))
        code = _answer(way)
        way.sendall(mqtt_greeting.DISCONNECT)
    except ssl.SSLError as error:  # TLS 1.3 tells only now what it thinks of our certificate
        return _LOGIN.fail(
            Words("the broker refuses this station's certificate (%s)", "服务器拒绝本站证书（%s）")
            % (error.reason or "TLS"),
            Words(
                "set [mqtt] tls certificate_file and key_file",
                "请设置 [mqtt] tls 的 certificate_file 和 key_file",
            ),
        )
    except (OSError, mqtt_greeting.NotMqtt) as error:
        return _LOGIN.fail(
            Words("no MQTT 5 broker there (%s)", "对方不是 MQTT 5 服务器（%s）")
            % (error if isinstance(error, mqtt_greeting.NotMqtt) else type(error).__name__),
            Words(
                "check [mqtt] port, and whether it wants TLS",
                "请检查 [mqtt] port，以及是否需要 TLS",
            ),
        )
    return _judged(station, code)


def _judged(station: str, code: int) -> Finding:
    reason = mqtt_greeting.REASONS.get(code, f"0x{code:02X}")
    if code == 0:
        return _LOGIN.ok(Words("%s is let in", "允许 %s 登录") % station)
    if code == _NOT_VALID:
        return _LOGIN.warn(
            Words(
                "the broker lets only `%s` itself in, which would end a running agent's connection",
                "服务器只接受客户端名 `%s`，而使用它会断开正在运行的站点程序",
            )
            % station,
            Words("see `health-kiosk edge` for how it fares", "请查看 `health-kiosk edge` 的日志"),
        )
    if code in _NOT_KNOWN:
        remedy = Words(
            "check EDGE__MQTT__PASSWORD and what the broker knows of this station",
            "请检查 EDGE__MQTT__PASSWORD 以及服务器上的站点账号",
        )
    elif code == _NO_MQTT_5:
        remedy = Words("use a broker that speaks MQTT 5", "请使用支持 MQTT 5 的服务器")
    else:
        remedy = Words("ask who runs the broker", "请联系服务器管理员")
    return _LOGIN.fail(Words("refused: %s", "被拒绝：%s") % reason, remedy)


def _answer(way: socket.socket) -> int:
    answer = b""
    while (code := mqtt_greeting.reason(answer)) is None:
        piece = way.recv(4096)
        if not piece:
            raise mqtt_greeting.NotMqtt("the connection was closed")
        answer += piece
    return code
