// Package http1 serves the HTTP/1.1 requests of SQS clients, in place of net/http where it can and with it where it
// cannot.
//
// What an SDK sends is always alike: POST, a path, a dozen plain header fields, a Content-Length. Of a request to
// bufeo, net/http took a third of the processor time, most of it for what such requests do not need (see
// docs/design/0005-http.md for the measurements and the alternatives). Here they are read, and answered with one write.
//
// Nothing is lenient: a request that is in any way unlike the above is not judged here. The connection goes to
// net/http, with all that was read of the request, and stays there. That is how GET, chunked bodies, Expect, long
// headers, TLS and every malformed or hostile request are served, so that there is one authority on HTTP. A fuzz test
// has both read the same bytes and compares what a handler gets to see.
//
// To handlers it looks like net/http: any http.Handler works. There are four differences.
//   - The header maps are used again for the next request of the connection, so a handler must not keep them.
//   - An answer leaves when the handler returns, when it calls Flush, or when more than maxGathered of it are there; one
//     without a Content-Length is gathered in any case. There is no Hijack.
//   - The context of a request ends when the client hangs up, as with net/http, but only if somebody has called its Done:
//     to watch costs more than most requests, which do not wait for anything but the disk. Its Err, however, looks at the
//     connection at that moment (on Linux), also where net/http serves: whoever has called it knows what the kernel knew.
//   - A body that the handler left unread is discarded after the answer, not before.
package http1
