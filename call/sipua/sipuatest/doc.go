// Package sipuatest is a SIP server over WebSocket that does what a test tells
// it, and nothing else: it reads one message at a time and writes what it is
// given, down to single frames. It speaks the WebSocket protocol by itself (RFC
// 6455, server side), so that a test can also do what no library does: leave
// pings unanswered, cut a message into pieces, write behind the 101.
//
// A server made by [New] listens nowhere: its DialContext hands out in-memory
// connections, which makes it work inside a testing/synctest bubble, where 32
// seconds pass at once. [Listen] makes one on loopback, with TLS if wanted.
package sipuatest
