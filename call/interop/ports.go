package interop

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Ports are handed out in blocks. A lab needs some thirty single ports and
// three ranges, by programs that cannot be given "port 0"; asking the kernel
// for thirty free ports one after another and closing them again invites two
// labs to be given the same one. So a lab takes a whole block, and says so by
// listening on the block's first port for as long as it lives: a second lab,
// in this process or another, fails to listen there and takes the next block.
// The blocks lie below the range that the kernel uses for outgoing sockets.
const (
	blockLen   = 1024
	firstBlock = 10 // 10240
	lastBlock  = 31 // 32767 is the last port

	// Within a block: the guard, then single ports, then ranges.
	singlesLen   = 64
	agentRTPLen  = 32                           // RTP ports of one sipp agent
	baresipFirst = singlesLen + 16*agentRTPLen  // of at most 16
	relayFirst   = baresipFirst + 2*agentRTPLen // the media relay takes the rest
)

// errNoPorts means that every block was taken or had a foreign socket in it.
var errNoPorts = errors.New("interop: no free block of ports on loopback")

// portBlock is blockLen consecutive ports on 127.0.0.1.
type portBlock struct {
	base    int
	guard   net.Listener
	singles int // how many single ports were handed out
	ranges  int // how many agent ranges were handed out
}

// takeBlock reserves a free block. Every port that a lab may be given is
// probed, by UDP and by TCP, so that a foreign program inside the block is
// seen now and not as a failed start.
func takeBlock() (*portBlock, error) {
	n := lastBlock - firstBlock + 1
	start := rand.IntN(n)
	for i := range n {
		base := (firstBlock + (start+i)%n) * blockLen
		guard, err := net.Listen("tcp4", loopback(base))
		if err != nil {
			continue
		}
		if blockIsFree(base) {
			return &portBlock{base: base, guard: guard}, nil
		}
		guard.Close()
	}
	return nil, errNoPorts
}

func blockIsFree(base int) bool {
	for port := base + 1; port < base+blockLen; port++ {
		u, err := net.ListenPacket("udp4", loopback(port))
		if err != nil {
			return false
		}
		u.Close()
		if port >= base+singlesLen {
			continue // ranges are media only
		}
		l, err := net.Listen("tcp4", loopback(port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// single hands out one port.
func (b *portBlock) single() int {
	b.singles++
	if b.singles >= singlesLen {
		panic("interop: a lab wants more single ports than a block has")
	}
	return b.base + b.singles
}

// agentRTP hands out agentRTPLen media ports for one sipp agent.
func (b *portBlock) agentRTP() int {
	p := b.base + singlesLen + b.ranges*agentRTPLen
	b.ranges++
	if p+agentRTPLen > b.base+baresipFirst {
		panic("interop: a lab wants more media ranges than a block has")
	}
	return p
}

func (b *portBlock) baresipRTP() (first, last int) {
	return b.base + baresipFirst, b.base + relayFirst - 1
}

func (b *portBlock) relayRTP() (first, last int) {
	return b.base + relayFirst, b.base + blockLen - 1
}

func (b *portBlock) release() { b.guard.Close() }

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// holds reports whether the process pid has a socket of network ("udp", or
// "tcp" for a listening one) bound to port on loopback. It looks into /proc
// instead of trying the port, because trying it is what makes another
// program's bind fail.
func holds(pid int, network string, port int) (bool, error) {
	inode, err := socketInode(network, port)
	if err != nil || inode == "" {
		return false, err
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false, err
	}
	want := "socket:[" + inode + "]"
	for _, fd := range fds {
		if link, err := os.Readlink(fd); err == nil && link == want {
			return true, nil
		}
	}
	return false, nil
}

// socketInode finds the socket bound to 127.0.0.1:port; "" when there is none.
func socketInode(network string, port int) (string, error) {
	table, err := os.ReadFile("/proc/net/" + network)
	if err != nil {
		return "", err
	}
	local := fmt.Sprintf("0100007F:%04X", port)
	sc := bufio.NewScanner(bytes.NewReader(table))
	for sc.Scan() {
		// sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode
		f := strings.Fields(sc.Text())
		if len(f) < 10 || f[1] != local {
			continue
		}
		if network == "tcp" && f[3] != "0A" { // 0A is LISTEN
			continue
		}
		return f[9], nil
	}
	return "", sc.Err()
}
