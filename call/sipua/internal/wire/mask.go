package wire

import (
	"bytes"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Mask is a copy of a message in which what could be used by somebody else is
// hidden: the contents of Authorization and Proxy-Authorization, the fields
// named in secret, and the push token (pn-prid) wherever it stands in the
// header. Everything else stays, so that a trace can be read.
func Mask(msg []byte, secret ...string) []byte {
	head, body, found := bytes.Cut(msg, []byte("\r\n\r\n"))
	var out bytes.Buffer
	out.Grow(len(msg))
	hiding := false
	for i, line := range strings.Split(string(head), "\r\n") {
		folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		if folded && hiding {
			continue
		}
		if i > 0 {
			out.WriteString("\r\n")
		}
		name, _, colon := strings.Cut(line, ":")
		hiding = colon && i > 0 && isSecret(strings.TrimSpace(name), secret)
		if hiding {
			out.WriteString(name + ": (masked)")
			continue
		}
		out.WriteString(maskParam(line, "pn-prid="))
	}
	if found {
		out.WriteString("\r\n\r\n")
		out.Write(body)
	}
	return out.Bytes()
}

func isSecret(name string, more []string) bool {
	for _, s := range append([]string{"Authorization", "Proxy-Authorization"}, more...) {
		if s != "" && strings.EqualFold(name, s) {
			return true
		}
	}
	return false
}

// maskParam hides the value behind every "key" of a line, up to what ends a
// URI parameter.
func maskParam(line, key string) string {
	var out strings.Builder
	for {
		i := strings.Index(sip.ASCIIToLower(line), key)
		if i < 0 {
			return out.String() + line
		}
		out.WriteString(line[:i+len(key)] + "(masked)")
		rest := line[i+len(key):]
		end := strings.IndexAny(rest, ";>? \t,")
		if end < 0 {
			return out.String()
		}
		line = rest[end:]
	}
}
