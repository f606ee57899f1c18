package vuelo

// Cookie is the name and the value of a cookie.
type Cookie struct{ Name, Value string }

// SetCookie keeps a cookie as if the URL's server had set it: `cookie` is what
// would stand in the header set-cookie.
func SetCookie(url, cookie string) error {
	importSetCookie(url, cookie, result())
	return noError(memory.httpError)
}

// Cookies are those that a request to the URL would send.
func Cookies(url string) (cookies []Cookie) {
	importCookies(url, result())
	for _, pair := range lifted(func(at memory) [][2]string { return at.pairs(0) }) {
		cookies = append(cookies, Cookie{pair[0], pair[1]})
	}
	return cookies
}

// DeleteCookie forgets the cookie of this name that a request to the URL would
// send.
func DeleteCookie(url, name string) { importDeleteCookie(url, name) }

// ClearCookies forgets all cookies that a request to the URL would send.
func ClearCookies(url string) { importClearCookies(url) }
