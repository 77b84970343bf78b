"""The venue dialects: one file and one row each. A venue names its own in VenueDefinition."""

from gateways.fix.dialect import Dialect
from gateways.fix.dialects.fix44 import Fix44
from gateways.fix.dialects.paper import Paper

DIALECTS: dict[str, Dialect] = {
    "FIX44": Fix44(),
    "Paper": Paper(),
}
