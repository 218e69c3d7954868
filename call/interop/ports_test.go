package interop

import (
	"net"
	"os"
	"testing"
)

func TestBlocksAreReserved(t *testing.T) {
	a, err := takeBlock()
	if err != nil {
		t.Fatal(err)
	}
	defer a.release()
	b, err := takeBlock()
	if err != nil {
		t.Fatal(err)
	}
	defer b.release()
	if a.base == b.base {
		t.Errorf("two labs were given the block %d", a.base)
	}
	if _, last := a.relayRTP(); last != a.base+blockLen-1 || last > 32767 {
		t.Errorf("the last port of the block %d is %d", a.base, last)
	}
}

func TestForeignSocketMakesBlockUnfit(t *testing.T) {
	b, err := takeBlock()
	if err != nil {
		t.Fatal(err)
	}
	defer b.release()
	for _, c := range []struct {
		network string
		offset  int
		free    bool
	}{
		{"udp4", 1, false}, {"udp4", blockLen - 1, false}, {"tcp4", singlesLen - 1, false},
		{"tcp4", singlesLen, true}, // media ports are UDP only
	} {
		addr := loopback(b.base + c.offset)
		var s interface{ Close() error }
		if c.network == "udp4" {
			s, err = net.ListenPacket(c.network, addr)
		} else {
			s, err = net.Listen(c.network, addr)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := blockIsFree(b.base); got != c.free {
			t.Errorf("with %s at %d of the block: free is %v", c.network, c.offset, got)
		}
		s.Close()
	}
}

func TestHolds(t *testing.T) {
	udp, err := net.ListenPacket("udp4", loopback(0))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp4", loopback(0))
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	up, tp := udp.LocalAddr().(*net.UDPAddr).Port, tcp.Addr().(*net.TCPAddr).Port
	for _, c := range []struct {
		name    string
		pid     int
		network string
		port    int
		want    bool
	}{
		{"own UDP", os.Getpid(), "udp", up, true},
		{"own TCP", os.Getpid(), "tcp", tp, true},
		{"another process's", 1, "udp", up, false},
		{"nobody's", os.Getpid(), "tcp", 1, false},
	} {
		got, err := holds(c.pid, c.network, c.port)
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestMissingPackagesAreNamed(t *testing.T) {
	_, err := findPrograms([]part{{"sh", "dash"}, {"no-such-program", "first-missing"}, {"/no/such/file", "second-missing"}})
	if err == nil {
		t.Fatal("nothing is missing")
	}
	const want = "interop: missing Debian packages; install them with: apt-get install --no-install-recommends first-missing second-missing"
	if err.Error() != want {
		t.Errorf("%v", err)
	}
}
