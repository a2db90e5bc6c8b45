"""The certificates: that this station's own can be used, that the broker is trusted, how long."""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from edge_agent.settings import MqttSection, TlsSection
from health_kiosk.doctor.certificate import NoCertificate, ends_at
from health_kiosk.doctor.finding import Check, Finding, Words

WARN_DAYS = 30

_AUTHORITY = Check("authority", Words("authority", "根证书"))
_OWN = Check("station_certificate", Words("own certificate", "本站证书"))
_BROKER = Check("broker_certificate", Words("broker TLS", "服务器证书"))
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Handshake(NamedTuple):
    """What came of it, and the encrypted way if there is one."""

    finding: Finding
    way: ssl.SSLSocket | None = None


def own(tls: TlsSection, now: datetime) -> Iterator[Finding]:
    """Look at the files that the settings name."""
    if tls.ca_file is not None:
        yield _file(_AUTHORITY, tls.ca_file, now)
    if tls.certificate_file is not None:
        yield _file(_OWN, tls.certificate_file, now)


def handshake(way: socket.socket, mqtt: MqttSection, now: datetime) -> Handshake:
    """Encrypt the open `way` as the agent does, and look at the broker's certificate."""
    try:
        context = _context(mqtt.tls or TlsSection())
    except (OSError, ssl.SSLError) as error:
        return Handshake(
            _BROKER.fail(
                Words("certificate or key cannot be used (%s)", "证书或密钥无法使用（%s）")
                % (error.strerror or type(error).__name__),
                Words("check the files in [mqtt] tls", "请检查 [mqtt] tls 中的文件"),
            )
        )
    try:
        secured = context.wrap_socket(way, server_hostname=mqtt.host)
    except ssl.SSLCertVerificationError as error:
        return Handshake(_distrusted(error))
    except (OSError, ssl.SSLError) as error:
        return Handshake(
            _BROKER.fail(
                Words("no TLS there (%s)", "对方不支持 TLS（%s）")
                % (getattr(error, "reason", None) or type(error).__name__),
                Words("check [mqtt] port and tls", "请检查 [mqtt] port 和 tls"),
            )
        )
    der = secured.getpeercert(binary_form=True) or b""
    return Handshake(_dated(_BROKER, ends_at(der), now), secured)


def _context(tls: TlsSection) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.certificate_file is not None and tls.key_file is not None:
        context.load_cert_chain(tls.certificate_file, tls.key_file)
    return context


def _distrusted(error: ssl.SSLCertVerificationError) -> Finding:
    return _BROKER.fail(
        Words("not trusted: %s", "不受信任：%s") % error.verify_message,
        Words(
            "renew the broker's certificate, or correct `ca_file`, [mqtt] host or the clock",
            "请更新服务器证书，或改正 `ca_file`、[mqtt] host 或系统时间",
        ),
    )


def _file(check: Check, path: Path, now: datetime) -> Finding:
    """The file's certificate; of several the one that ends last, as others may be spares."""
    try:
        blocks = path.read_text(encoding="ascii", errors="replace").split(_BEGIN)[1:]
        ends = max(
            ends_at(ssl.PEM_cert_to_DER_cert(_BEGIN + block.partition(_END)[0] + _END))
            for block in blocks
        )
    except OSError as error:
        return check.fail(
            Words("cannot read %s (%s)", "无法读取 %s（%s）") % (path, error.strerror),
            Words("check its path, owner and mode", "请检查路径、所有者和权限"),
        )
    except (NoCertificate, ValueError):
        return check.fail(
            Words("%s holds no certificate", "%s 中没有证书") % str(path),
            Words("put the certificate in PEM there", "请放入 PEM 格式的证书"),
        )
    return _dated(check, ends, now)


def _dated(check: Check, ends: datetime, now: datetime) -> Finding:
    days = (ends - now).days
    if days < 0:
        return check.fail(
            Words("ended on %s", "已于 %s 到期") % f"{ends:%Y-%m-%d}",
            Words("renew it", "请更新证书"),
        )
    said = Words("good until %s, %d days", "有效期至 %s，剩余 %d 天") % (f"{ends:%Y-%m-%d}", days)
    if days < WARN_DAYS:
        return check.warn(said, Words("renew it", "请更新证书"))
    return check.ok(said)
