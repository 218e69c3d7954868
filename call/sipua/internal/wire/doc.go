// Package wire is the text of SIP: it takes the bytes of one WebSocket message
// apart and puts requests and responses together. It does no I/O and keeps no
// state.
//
// The start line, the header lines (folding included) and the body are read by
// sipgo's parser, and messages are sipgo's types. Header fields are kept as the
// text they came in, because a user agent must echo Via, From, To and
// Record-Route as they were (RFC 3261 sections 8.2.6.2 and 12.1.1), and
// sipgo's typed headers are written out differently from what was read: they
// drop parameters that stand twice and turn "a=" into "a". The few values
// that decide something are read here, tolerantly.
//
// On top of the parser comes a sanity check ([Parse]): sipgo lets pass 22 of
// the 37 faulty messages of RFC 4475, among them other protocol versions and a
// CSeq that names another method.
package wire
