"""Pure decisions about who decides a part."""
