// Package usage measures what a program and everything that it has started
// cost: processor time and memory, out of Linux' /proc. It is test code of the
// benches.
//
//	u, err := usage.Watch(ctx, pid, 30*time.Second)
//	fmt.Println(u.Percent(), "% of a core,", u.PSS, "MB")
//
// It keeps no state and may be used from any goroutine. Its tests read texts of
// /proc and watch a shell that works.
package usage
