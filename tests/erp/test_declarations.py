"""What holds for every ERP's declarations."""

import pytest

from sobatch.erp import names, settings_of, spec_of


@pytest.mark.parametrize("erp", names())
def test_whose_orders_they_are_is_said_by_one_setting_and_never_by_a_secret(erp):
    """Two companies behind one address would look like one, and a key that is renewed like another company."""
    (identity,) = [row for row in settings_of(erp) if row.identity]
    assert not identity.secret
    assert identity.kind == "text"


@pytest.mark.parametrize("erp", names())
def test_the_settings_are_those_of_the_spec(erp):
    assert settings_of(erp) is spec_of(erp).settings
