"""Values, signals and introspection of the object tree as D-Bus wants them."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from dbus_fast import Message, Variant
from dbus_fast.signature import get_signature_tree

from simulators.bluez.names import (
    INTROSPECTABLE,
    METHODS,
    OBJECT_MANAGER,
    PROPERTIES,
    PROPERTY_TYPES,
    WRITABLE,
)
from simulators.bluez.tree import Added, Properties, Removed, Signal, Tree, Value


def variant(interface: str, name: str, value: Value) -> Variant:
    """A property's value under its declared type."""
    signature = PROPERTY_TYPES[interface][name]
    if isinstance(value, Mapping):
        return Variant(signature, {key: Variant("ay", part) for key, part in value.items()})
    return Variant(signature, list(value) if isinstance(value, tuple) else value)


def variants(interface: str, values: Properties) -> dict[str, Variant]:
    """Several properties of one interface (`a{sv}`)."""
    return {name: variant(interface, name, value) for name, value in values.items()}


def exported(interfaces: Mapping[str, Properties]) -> dict[str, dict[str, Variant]]:
    """One object (`a{sa{sv}}`)."""
    return {name: variants(name, values) for name, values in interfaces.items()}


def signal_message(signal: Signal) -> Message:
    """The D-Bus signal that tells of a change.

    Objects appear and disappear on the object manager at `/`: from the object's own path
    bleak would still see them, bluetoothctl would not.
    """
    if isinstance(signal, Added):
        body = [signal.path, exported(signal.interfaces)]
        return Message.new_signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", body)
    if isinstance(signal, Removed):
        return Message.new_signal(
            "/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [signal.path, list(signal.interfaces)]
        )
    return Message.new_signal(
        signal.path,
        PROPERTIES,
        "PropertiesChanged",
        "sa{sv}as",
        [signal.interface, variants(signal.interface, signal.values), list(signal.invalidated)],
    )


def introspection(tree: Tree, path: str) -> str:
    """The introspection document of `path`, for busctl and its like."""
    standard = [INTROSPECTABLE, OBJECT_MANAGER] if path == "/" else [INTROSPECTABLE, PROPERTIES]
    lines = ["<node>"]
    for interface in (*standard, *tree.interfaces(path)):
        lines.append(f"<interface name={quoteattr(interface)}>")
        lines += _methods(interface)
        lines += _properties(interface)
        lines.append("</interface>")
    lines += [f"<node name={quoteattr(child)}/>" for child in tree.below(path)]
    lines.append("</node>")
    return "\n".join(lines)


def _methods(interface: str) -> list[str]:
    lines = []
    for name, method in METHODS.get(interface, {}).items():
        lines.append(f"<method name={quoteattr(name)}>")
        for direction, types in (("in", method.takes), ("out", method.returns)):
            lines += [
                f"<arg type={quoteattr(argument.signature)} direction={quoteattr(direction)}/>"
                for argument in get_signature_tree(types).types
            ]
        lines.append("</method>")
    return lines


def _properties(interface: str) -> list[str]:
    return [
        f"<property name={quoteattr(name)} type={quoteattr(signature)} access="
        f"{quoteattr('readwrite' if (interface, name) in WRITABLE else 'read')}/>"
        for name, signature in PROPERTY_TYPES.get(interface, {}).items()
    ]
