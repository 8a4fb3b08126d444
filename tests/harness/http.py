"""What speaks HTTP to the services of a test. Their addresses are `http://`."""

import ssl

# httpx reads all certificate authorities for each client: 25 ms of CPU, even where TLS is not used.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
