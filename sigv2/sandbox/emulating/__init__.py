"""AWS on loopback: moto's services behind one endpoint, and what they lack."""
