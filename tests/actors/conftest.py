"""What the scenes assert is explained as in the tests themselves."""

import pytest

pytest.register_assert_rewrite("tests.actors.scenes", "tests.actors.town")
