"""Fakes of the ports: small working stand-ins that keep what they were told, for tests of use cases."""
