package doctor

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
)

// connectProxy serves one CONNECT.
func connectProxy(c net.Conn) {
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	to, err := net.Dial("tcp", req.Host)
	if err != nil {
		return
	}
	_, _ = io.WriteString(c, "HTTP/1.1 200 Connected\r\n\r\n")
	var wg sync.WaitGroup
	for _, way := range [][2]net.Conn{{to, c}, {c, to}} {
		wg.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = to.Close()
			_ = c.Close()
		})
	}
	wg.Wait()
}
