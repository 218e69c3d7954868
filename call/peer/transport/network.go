package transport

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	piontransport "github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
)

// network is the machine's network with a way out: what the agent does with
// STUN and TURN servers (look up, connect, wait for an answer that never
// comes) ends soon after hurry. The library's own calls know no context there;
// a TURN server behind a firewall would hold up Close for two minutes.
type network struct {
	*stdnet.Net
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	conns []interface{ Close() error } // towards TURN servers
	late  bool
}

func newNetwork() (*network, error) {
	std, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("network interfaces: %w", err)
	}
	n := &network{Net: std}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n, nil
}

// hurry ends lookups and dials, and closes what was opened towards TURN
// servers, so that their clients give up at the next repetition. It is for a
// gathering that nobody waits for any more.
func (n *network) hurry() {
	n.cancel()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = true
	for _, c := range n.conns {
		_ = c.Close()
	}
}

func (n *network) keep(c interface{ Close() error }) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = append(n.conns, c)
	if n.late {
		_ = c.Close()
	}
}

// ListenPacket opens the socket towards a TURN server.
func (n *network) ListenPacket(network, address string) (net.PacketConn, error) {
	c, err := n.Net.ListenPacket(network, address)
	if err == nil {
		n.keep(c)
	}
	return c, err
}

// DialTCP connects to a TURN server.
func (n *network) DialTCP(network string, laddr, raddr *net.TCPAddr) (piontransport.TCPConn, error) {
	var d net.Dialer
	if laddr != nil {
		d.LocalAddr = laddr
	}
	c, err := d.DialContext(n.ctx, network, raddr.String())
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		_ = c.Close()
		return nil, fmt.Errorf("transport: %s is not TCP", network)
	}
	n.keep(tcp)
	return tcp, nil
}

// ResolveUDPAddr looks a server up.
func (n *network) ResolveUDPAddr(network, address string) (*net.UDPAddr, error) {
	ip, port, err := n.resolve(network, address)
	return &net.UDPAddr{IP: ip, Port: port}, err
}

// ResolveTCPAddr likewise.
func (n *network) ResolveTCPAddr(network, address string) (*net.TCPAddr, error) {
	ip, port, err := n.resolve(network, address)
	return &net.TCPAddr{IP: ip, Port: port}, err
}

func (n *network) resolve(network, address string) (net.IP, int, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, 0, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, 0, err
	}
	family := "ip"
	switch network[len(network)-1] {
	case '4':
		family = "ip4"
	case '6':
		family = "ip6"
	}
	ips, err := net.DefaultResolver.LookupIP(n.ctx, family, host)
	if err != nil {
		return nil, 0, err
	}
	return ips[0], int(port), nil
}
