// Package scrub takes numbers of people and secrets out of text that leaves the
// phone: log files, reports, findings. What is left can be read by a technician:
// times, addresses of machines, codes and words stay.
//
// # Usage
//
//	s := scrub.New(scrub.Known{Secrets: []string{password}, Numbers: []string{dn}, Names: map[string]string{home: "~"}})
//	clean := s.Text(text) // any text: a log, JSON, SIP, SDP, URLs
//
// # What is taken out
//
// By shape, whatever text it stands in: runs of digits that may be somebody's
// number (five in a row, or seven in all with anything between them that is neither
// a letter nor the end of a line, seen or unseen, in any script's digits, in circles,
// in Chinese, spelled in Hangul, and as the escapes of URLs, JSON, Go and HTML); user
// parts and display names of SIP and tel addresses; values behind names such as
// password, token, nonce or 비밀번호; credentials in URLs and every value of a
// query; Authorization and Cookie fields; ICE passwords, SRTP keys, and the lines
// of SDP that name a person; PEM keys, and strings that look like keys.
//
// By value: what the caller knows, also as it looks in a URL, in JSON or in
// Base64.
//
// What stays: IP addresses with their ports, times and dates by ISO 8601, versions of
// browsers and systems, the names of servers, counts of up to four digits. Text is cut rather too much than
// too little: a count of five digits is lost too.
//
// # Concurrency and testing
//
// A [Scrubber] is immutable and may be used from any goroutine. Tests plant
// numbers and secrets in every form and look for them; a fuzz test plants them in
// any text.
//
// # Models
//
// sentry's data scrubbing and tailscale's bugreport (markers instead of contents);
// systemd's and curl's habit of masking by header name. Better here: digits are
// found as a reader would, across separators, encodings and scripts, because a
// caller's number in a log is what must never happen on a helpline.
package scrub
