package wire

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// SDPType is the content type of session descriptions.
const SDPType = "application/sdp"

// SDP is the session description that a message carries, "" when it carries
// none. A part of a multipart body counts: gateways wrap the SDP together with
// an ISUP or PIDF part (RFC 5621).
func (m *Message) SDP() string {
	body := m.Body()
	if body == "" {
		return ""
	}
	kind, params, err := mime.ParseMediaType(m.Value("Content-Type"))
	switch {
	case err != nil || kind == "":
		// A body that nobody described but that looks like one is one.
		if strings.HasPrefix(body, "v=0") {
			return body
		}
		return ""
	case kind == SDPType:
		return body
	case strings.HasPrefix(kind, "multipart/"):
		return sdpPart(body, params["boundary"])
	}
	return ""
}

func sdpPart(body, boundary string) string {
	if boundary == "" {
		return ""
	}
	r := multipart.NewReader(strings.NewReader(body), boundary)
	for range 16 { // no honest message has more parts
		p, err := r.NextRawPart()
		if err != nil {
			return ""
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind != SDPType {
			continue
		}
		text, err := io.ReadAll(p)
		if err != nil {
			return ""
		}
		return string(text)
	}
	return ""
}
