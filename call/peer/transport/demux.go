package transport

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/transport/v4/packetio"
)

// demux splits what comes through ICE by its first byte (RFC 7983 section 7)
// and gives DTLS a connection of its own. STUN never comes this far.
type demux struct {
	conn  *ice.Conn
	hello chan struct{} // closed when the first DTLS packet is there
	once  sync.Once
	buf   *packetio.Buffer

	mu   sync.Mutex
	dtls *dtls.Conn // nil until the handshake is done
	gone bool       // goodbye has been called
}

// maxHandshake bounds what is kept before the handshake begins.
const maxHandshake = 64

func newDemux(conn *ice.Conn) *demux {
	d := &demux{conn: conn, hello: make(chan struct{}), buf: packetio.NewBuffer()}
	d.buf.SetLimitCount(maxHandshake)
	return d
}

func isDTLS(p []byte) bool  { return len(p) > 0 && p[0] >= 20 && p[0] <= 63 }
func isMedia(p []byte) bool { return len(p) > 1 && p[0] >= 128 && p[0] <= 191 }

// isRTCP: RFC 5761 section 4.
func isRTCP(p []byte) bool { return p[1] >= 192 && p[1] <= 223 }

// handshake queues one DTLS packet; what is too much is lost, as on a network.
func (d *demux) handshake(p []byte) {
	_, _ = d.buf.Write(p)
	d.once.Do(func() { close(d.hello) })
}

// established hands over the connection that goodbye will close. When goodbye
// came first, it says false and closing is left to the caller: a DTLS
// connection does not end by itself when there is nothing to read any more.
func (d *demux) established(c *dtls.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dtls = c
	return !d.gone
}

// goodbye sends the close_notify of an established connection and ends every
// read.
func (d *demux) goodbye() {
	d.mu.Lock()
	c := d.dtls
	d.gone = true
	d.mu.Unlock()
	if c != nil {
		_ = c.Close()
	}
	_ = d.buf.Close()
}

// The methods below make demux the net.PacketConn of DTLS.

func (d *demux) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := d.buf.Read(p)
	return n, d.conn.RemoteAddr(), err
}

// WriteTo treats a path that is not there yet as a lost packet: the handshake
// repeats itself.
func (d *demux) WriteTo(p []byte, _ net.Addr) (int, error) {
	n, err := d.conn.Write(p)
	if errors.Is(err, ice.ErrNoCandidatePairs) {
		return len(p), nil
	}
	return n, err
}

func (d *demux) Close() error                       { return d.buf.Close() }
func (d *demux) LocalAddr() net.Addr                { return d.conn.LocalAddr() }
func (d *demux) SetDeadline(t time.Time) error      { return d.buf.SetReadDeadline(t) }
func (d *demux) SetReadDeadline(t time.Time) error  { return d.buf.SetReadDeadline(t) }
func (d *demux) SetWriteDeadline(t time.Time) error { return nil }
