package update

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"aead.dev/minisign" // small, MIT, Go 1.21: reads keys and signatures as Debian's minisign writes them
)

const (
	// Product is the first word of every trusted comment.
	Product = "nxphone"
	// FeedTarget is the last word of a feed's.
	FeedTarget = "feed"

	// SignatureSuffix is what a signature's name has behind the file's.
	SignatureSuffix = ".minisig"
	// maxSignature is the longest signature in bytes.
	maxSignature = 4 << 10
)

// Key is a public key.
type Key struct{ key minisign.PublicKey }

// ParseKey reads a public key as minisign prints it: 56 characters of base64.
func ParseKey(text string) (Key, error) {
	var k Key
	if err := k.key.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
		return Key{}, &Error{Code: CodeConfig, Detail: "not a public key of minisign", Err: err}
	}
	return k, nil
}

// ParseKeys reads keys that are joined by commas or spaces, as a build has them.
func ParseKeys(text string) ([]Key, error) {
	var keys []Key
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		k, err := ParseKey(word)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// Signed is what a good signature says of its file.
type Signed struct {
	Version Version
	// Target is OS/ARCH, or [FeedTarget].
	Target string
}

// parseComment reads a trusted comment.
func parseComment(text string) (Signed, error) {
	words := strings.Split(text, " ")
	if len(words) != 3 || words[0] != Product || words[2] == "" {
		return Signed{}, wrong(CodeComment, "not of this program")
	}
	v, err := ParseVersion(words[1])
	if err != nil || string(v) != words[1] {
		return Signed{}, wrong(CodeComment, "not of a version")
	}
	return Signed{Version: v, Target: words[2]}, nil
}

// digest takes a file's bytes, and holds their hash against a signature.
type digest struct{ *minisign.Reader }

func newDigest(r io.Reader) digest { return digest{minisign.NewReader(r)} }

// verify holds what was read against a signature.
func (d digest) verify(signature []byte, keys []Key) (Signed, error) {
	var s minisign.Signature
	if len(signature) > maxSignature || s.UnmarshalText(signature) != nil {
		return Signed{}, wrong(CodeSignature, "not a signature of minisign")
	}
	if s.Algorithm != minisign.HashEdDSA {
		return Signed{}, wrong(CodeSignature, "made in the old way")
	}
	for _, k := range keys {
		if k.key.ID() == s.KeyID && d.Verify(k.key, signature) {
			return parseComment(s.TrustedComment)
		}
	}
	return Signed{}, wrong(CodeSignature, fmt.Sprintf("by none of %d keys", len(keys)))
}

// verifyText verifies something short, which must have been signed as target.
func verifyText(text, signature []byte, keys []Key, target string) (Signed, error) {
	s, err := verifyRead(bytes.NewReader(text), signature, keys)
	if err == nil && s.Target != target {
		return Signed{}, wrong(CodeComment, "signed for something else")
	}
	return s, err
}

// VerifyFile verifies a file with the signature beside it, FILE.minisig. The
// error has CodeFile, CodeSignature, CodeComment or CodeTooLarge.
func VerifyFile(path string, keys []Key) (Signed, error) {
	if len(keys) == 0 {
		return Signed{}, wrong(CodeConfig, "no key is known")
	}
	signature, err := readSmall(path + SignatureSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return Signed{}, &Error{Code: CodeSignature, Detail: "there is none beside the file", Err: err}
	}
	if err != nil {
		return Signed{}, err
	}
	f, err := openRegular(path)
	if err != nil {
		return Signed{}, err
	}
	defer f.Close()
	return verifyRead(f, signature, keys)
}

// verifyRead verifies what r gives, to its end.
func verifyRead(r io.Reader, signature []byte, keys []Key) (Signed, error) {
	d := newDigest(io.LimitReader(r, MaxFile+1))
	n, err := io.Copy(io.Discard, d)
	if err != nil {
		return Signed{}, because(CodeFile, plain(err))
	}
	if n > MaxFile {
		return Signed{}, wrong(CodeTooLarge, fmt.Sprintf("more than %d bytes", MaxFile))
	}
	return d.verify(signature, keys)
}

// readSmall reads a signature.
func readSmall(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSignature+1))
	if err != nil {
		return nil, because(CodeFile, plain(err))
	}
	return data, nil
}

// openRegular opens a file that is one: a pipe would never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return nil, because(CodeFile, plain(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, because(CodeFile, plain(err))
	}
	return f, nil
}

// plain is the system's word without the path.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
