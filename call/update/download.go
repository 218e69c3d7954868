package update

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// stall is how long a server may send nothing.
	stall = 30 * time.Second
	// downloadTime bounds a download between two calls.
	downloadTime = time.Hour
)

// errStall is why a download was broken off.
var errStall = errors.New("the server stood still")

// Download fetches the file for this computer into a folder, verifies it, and
// returns its path; its signature lies beside it. It waits while a call is going
// on, which takes [Client.Run] or [Client.Heed] where there are calls, and goes on
// afterwards from where it was. What is not the feed's file is removed. Nothing is
// started.
func (c *Client) Download(ctx context.Context, dir string) (path string, err error) {
	c.downloading.Lock()
	defer c.downloading.Unlock()
	st := c.Last()
	switch {
	case !st.Newer && st.Err != nil:
		return "", st.Err
	case !st.Newer || st.File == nil:
		return "", wrong(CodeNoFile, "")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", because(CodeFile, plain(err))
	}
	tidyUnfinished(dir)
	if err := c.room(dir, st.File.Size); err != nil {
		return "", err
	}
	out, err := os.CreateTemp(dir, unfinished) // mode 0600
	if err != nil {
		return "", because(CodeFile, plain(err))
	}
	hold(out)                   // while it is open, nobody takes it for abandoned
	defer os.Remove(out.Name()) // fails, rightly, after the rename
	defer out.Close()
	d := &download{c: c, file: *st.File, version: st.Feed.Version, out: out}
	for {
		if err = d.goOn(ctx); CodeOf(err) != CodeCall {
			break
		}
		c.log.Info("a download waits for the end of a call", "bytes", d.have)
		if c.o.Waits != nil {
			c.o.Waits()
		}
	}
	if err != nil {
		return "", err
	}
	return d.finish(dir)
}

// reserve is what a download leaves free on the disk: what else runs here needs
// some, and the installer too.
const reserve = 256 << 20

// room reports whether a file of this size fits on the disk, the reserve left free.
func (c *Client) room(dir string, size int64) error {
	if c.o.Free == nil {
		return nil
	}
	free, err := c.o.Free(dir)
	if err != nil || free >= uint64(size)+reserve {
		return nil // where nobody knows, the disk will say so
	}
	return wrong(CodeFile, fmt.Sprintf("%d MB are free on the disk, and %d MB are needed", free>>20, (uint64(size)+reserve)>>20))
}

// download is one file on its way.
type download struct {
	c         *Client
	file      File
	version   Version
	out       *os.File
	have      int64 // bytes written
	signature []byte
}

// goOn fetches what is missing. CodeCall: a call began, and it can go on later.
func (d *download) goOn(ctx context.Context) error {
	within, done, err := d.c.calm.wait(ctx)
	if err != nil {
		return because(CodeUnreachable, err)
	}
	defer done()
	within, cancel := context.WithTimeout(within, downloadTime)
	defer cancel()
	err = d.fetch(within)
	if err != nil && errors.Is(context.Cause(within), errCall) {
		return because(CodeCall, errCall)
	}
	return err
}

// fetch gets the signature first: where that is for something else, the rest is
// not worth the time.
func (d *download) fetch(ctx context.Context) error {
	u := d.c.beside(d.file.Name)
	if d.signature == nil {
		signature, err := d.c.fetch(ctx, signatureOf(u), maxSignature)
		if err != nil {
			return err
		}
		d.signature = signature
	}
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := time.AfterFunc(stall, func() { stop(errStall) })
	defer watch.Stop()
	resp, err := d.c.get(within, u, d.have)
	if err == nil {
		defer resp.Body.Close()
		if err = d.begin(resp); err == nil {
			err = d.copy(resp.Body, watch)
		}
	}
	if err != nil && errors.Is(context.Cause(within), errStall) {
		return because(CodeUnreachable, errStall)
	}
	return err
}

// begin looks at an answer's head: what follows is the rest, or the whole.
func (d *download) begin(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusPartialContent && d.have > 0:
		if resp.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", d.have, d.file.Size-1, d.file.Size) {
			return wrong(CodeDamaged, "another part than was asked for")
		}
	case resp.StatusCode == http.StatusOK:
		d.have = 0
		if err := d.out.Truncate(0); err != nil {
			return because(CodeFile, plain(err))
		}
		if _, err := d.out.Seek(0, io.SeekStart); err != nil {
			return because(CodeFile, plain(err))
		}
	default:
		return wrong(CodeStatus, strconv.Itoa(resp.StatusCode))
	}
	if resp.ContentLength > d.file.Size-d.have {
		return wrong(CodeTooLarge, "more than the feed announces")
	}
	return nil
}

// copy writes what comes. watch is put off with every part of it.
func (d *download) copy(body io.Reader, watch *time.Timer) error {
	part := make([]byte, 32<<10)
	for {
		n, err := body.Read(part)
		if int64(n) > d.file.Size-d.have {
			return wrong(CodeTooLarge, "more than the feed announces")
		}
		if n > 0 {
			watch.Reset(stall)
			m, err := d.out.Write(part[:n])
			d.have += int64(m)
			if err != nil {
				return because(CodeFile, plain(err))
			}
		}
		switch {
		case errors.Is(err, io.EOF) && d.have < d.file.Size:
			return wrong(CodeDamaged, "shorter than the feed announces")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return unreachable(err)
		}
	}
}

// finish verifies what is on the disk and gives it its name.
func (d *download) finish(dir string) (string, error) {
	if _, err := d.out.Seek(0, io.SeekStart); err != nil {
		return "", because(CodeFile, plain(err))
	}
	sum := sha256.New()
	s, err := verifyRead(io.TeeReader(d.out, sum), d.signature, d.c.o.Keys)
	switch {
	case err == nil && hex.EncodeToString(sum.Sum(nil)) != d.file.SHA256:
		err = wrong(CodeDamaged, "another hash than the feed announces")
	case err == nil && (s.Target != d.file.Target() || s.Version != d.version):
		err = wrong(CodeComment, "signed for another version or system")
	case err == nil:
		if err = d.out.Sync(); err != nil {
			err = because(CodeFile, plain(err))
		}
	}
	if cerr := d.out.Close(); err == nil && cerr != nil {
		err = because(CodeFile, plain(cerr))
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, d.file.Name)
	if err := place(path+SignatureSuffix, d.signature); err != nil {
		return "", because(CodeFile, plain(err))
	}
	if err := os.Rename(d.out.Name(), path); err != nil {
		return "", because(CodeFile, plain(err))
	}
	d.c.log.Info("a newer version was downloaded and verified", "version", string(d.version))
	return path, nil
}

// place writes a file under a name that somebody else may know before: in a folder
// of many users, a link there must not lead the writing elsewhere.
func place(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), unfinished) // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, rightly, after the rename
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
