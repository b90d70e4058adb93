/*
 * sign_vectors.h - keys that everybody knows (RFC 8463 appendix A), and some that no mail may be
 * signed with.
 */
#ifndef SIGN_VECTORS_H
#define SIGN_VECTORS_H

/* clang-format off */
/* "brisbane" of football.example.com */
#define PEM_ED25519 \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
	"-----END PRIVATE KEY-----\n"
#define PUBLIC_ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* "test" of football.example.com */
#define PEM_RSA \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n" \
	"Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n" \
	"KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n" \
	"AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n" \
	"6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n" \
	"zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n" \
	"6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n" \
	"uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n" \
	"WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n" \
	"WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n" \
	"licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n" \
	"o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n" \
	"uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n" \
	"-----END RSA PRIVATE KEY-----\n"
#define PUBLIC_RSA \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6" \
	"Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/" \
	"e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G" \
	"+2kryOTIKT+l/K4w3QIDAQAB"

/* The same with one bit of the public half changed. */
#define PEM_DAMAGED \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wkw8a5qhdR6wy5bdOKb2jLQi\n" \
	"Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n" \
	"KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n" \
	"AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n" \
	"6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n" \
	"zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n" \
	"6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n" \
	"uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n" \
	"WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n" \
	"WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n" \
	"licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n" \
	"o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n" \
	"uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n" \
	"-----END RSA PRIVATE KEY-----\n"
#define PEM_RSA_512 \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIIBOgIBAAJBANlrLCFa+ZYIdzE1CpLIDu42KMF8iJFH7LNlZoSCj0seNpr3nODg\n" \
	"o340LeTH1dTL0kVo7ERZ4gvXrYYeqOQ0R90CAwEAAQJAMbuJIawcsUwIb7IRVBf9\n" \
	"ClJLKk8hMhJAu5xzQdZXjrfTl6VwMKYLAB6fk/1CSUH95mjF2Oie/MpotPjMbXQS\n" \
	"hQIhAO5+Fz/2YdImFW5gJ4R93ON591obCREHI3ufgjSnbsofAiEA6WEMA6uqWlC7\n" \
	"c3bQVVOmWmxzSpSVuT2DEr777Ju15oMCIQDHxtPO/qJ+mOxG40D3GT+ZRafP0OnN\n" \
	"W797ZOh7Fu4VXQIgIhJpDqAhXs4qj9Do2Yw83Ta4HktTEJhKapI3dXPGOsECIFiW\n" \
	"25Un8KGMURIBpi8sCHc0e5wRyKLOlMQuQ1/t/zIc\n" \
	"-----END RSA PRIVATE KEY-----\n"
#define PEM_EC \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"MHcCAQEEIGRygO4OTT3vIk+37SdHKEv/Vp0gnHw1LYi6owoo8qACoAoGCCqGSM49\n" \
	"AwEHoUQDQgAECtn/BroS7jZQNuSAuVqfVPltLcyA0JzVFmCgXVO4pcQoG3QYyubE\n" \
	"5ifesAYg6kmHNvYiRg8VhKa7wyn+gNG2BA==\n" \
	"-----END EC PRIVATE KEY-----\n"
#define PEM_ENCRYPTED \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
	"MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj39aU069ptmQICCAAw\n" \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPtrYIEaAYGLuAXhlIUTYYkEQMNj\n" \
	"NtmwCFGMqNi94VSkzhCTJ9WGsDHS80qZJ6GoNkJ0hsll1+xaQjbUWEPSMVq2d3ps\n" \
	"a5AXb5Az6d2JOqc48qo=\n" \
	"-----END ENCRYPTED PRIVATE KEY-----\n"
#define PEM_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MCowBQYDK2VwAyEA55qTUUnzsha0P9KxgFj5QN7+af1fx2JkjajGvcEztzc=\n" \
	"-----END PUBLIC KEY-----\n"
/* clang-format on */

#endif
