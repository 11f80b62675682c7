"""The component as a Pulumi package, for programs in any language: `pulumi package add` starts this as a plugin.

It is served as `component_provider_host` of `pulumi.provider.experimental` serves components, but that this would show
a stack trace for a user's mistake, and judge arguments by the schema before the component has a word to say.
"""

import sys
from pathlib import Path

import pulumi
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

# The plugin is started by its folder, and what it serves lies beside that.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from components import SigV2AccessLog

VERSION = "1.0.0"
"""Of the package; the tag of a release is `v` and this."""


class SigV2Provider(ComponentProvider):
    """Makes SigV2AccessLogs, and refuses wrong arguments as the component does: in one sentence."""

    def __init__(self) -> None:
        super().__init__([SigV2AccessLog], "sigv2", version=VERSION)

    def map_inputs(self, inputs: pulumi.Inputs, component_def: ComponentDefinition) -> dict[str, object]:
        """The arguments in Python's spelling; the component knows better than the schema what is wrong with them."""
        return {component_def.inputs_mapping.get(key, key): _whole(value) for key, value in inputs.items()}

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make one.

        Raises:
            pulumi.InputPropertiesError: an argument is wrong; the engine shows it without a stack trace.
        """
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if not isinstance(error.inner, pulumi.RunError):
                raise
            raise pulumi.InputPropertiesError(str(error.inner), []) from None


def _whole(value: object) -> object:
    """An integer, where one comes as the number with a fraction that it travelled as."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


if __name__ == "__main__":
    main(SigV2Provider(), sys.argv[1:])
