package owner

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	// ErrUnknown: the table has no such connection (yet, or any more).
	ErrUnknown = errors.New("owner: nobody is known to have this connection")
	// ErrOther: the connection's other end is another user's process, or one
	// that this user may not look at.
	ErrOther = errors.New("owner: the connection is another user's")
)

// me is this process's user.
func me() (*windows.SID, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("owner: this process's user: %w", err)
	}
	return u.User.Sid, nil
}

// Only lets nobody but this user, administrators and the system to a file or a
// folder and what will be made in it. What belongs to somebody else, who could
// take that back, is refused.
func Only(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	sid, err := me()
	if err != nil {
		return err
	}
	sd, err := windows.SecurityDescriptorFromString(sddl(sid.String(), info.IsDir()))
	if err != nil {
		return fmt.Errorf("owner: %w", err)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	const all = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	h, err := windows.CreateFile(name, windows.WRITE_DAC|windows.READ_CONTROL, all, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return fmt.Errorf("owner: the rights of %s: %w", path, err)
	}
	defer windows.CloseHandle(h)
	now, err := windows.GetSecurityInfo(h, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("owner: the owner of %s: %w", path, err)
	}
	holder, _, err := now.Owner()
	if err != nil {
		return fmt.Errorf("owner: the owner of %s: %w", path, err)
	}
	if who := stranger(sid.String(), holder.String(), nil); who != "" {
		return fmt.Errorf("owner: %s belongs to %s", path, who)
	}
	// SetNamedSecurityInfo would go through all that is in a folder.
	if err := windows.SetKernelObjectSecurity(h, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, sd); err != nil {
		return fmt.Errorf("owner: the rights of %s: %w", path, err)
	}
	return nil
}

// Check is an error where anybody besides this user, administrators and the
// system may do anything with a file or folder.
func Check(path string) error {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("owner: the rights of %s: %w", path, err)
	}
	holder, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("owner: the owner of %s: %w", path, err)
	}
	dacl, _, err := sd.DACL()
	if err != nil { // a file without a list is everybody's, and so is a file system without lists
		return fmt.Errorf("owner: %s has no list of rights: %w", path, err)
	}
	list, err := entries(dacl)
	if err != nil {
		return err
	}
	sid, err := me()
	if err != nil {
		return err
	}
	if who := stranger(sid.String(), holder.String(), list); who != "" {
		return fmt.Errorf("owner: %s can be used by %s", path, who)
	}
	return nil
}

func entries(dacl *windows.ACL) ([]entry, error) {
	if dacl == nil {
		return []entry{{"everybody", true}}, nil
	}
	var list []entry
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return nil, fmt.Errorf("owner: a list of rights: %w", err)
		}
		switch ace.Header.AceType {
		case windows.ACCESS_ALLOWED_ACE_TYPE:
			sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
			list = append(list, entry{sid.String(), true})
		case windows.ACCESS_DENIED_ACE_TYPE:
		default: // rights under a condition, say: somebody is meant
			list = append(list, entry{"somebody by a special rule", true})
		}
	}
	return list, nil
}

// Peer is nil when the process that has the connection local -> remote, seen
// from its own end, is this user's. Whoever accepts a connection gives its
// remote address as local and its own as remote.
func Peer(local, remote netip.AddrPort) error {
	pid, err := lookUp(local, remote)
	if err != nil {
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return fmt.Errorf("%w: process %d: %w", ErrOther, pid, err)
	}
	defer windows.CloseHandle(process)
	// While we hold it nobody else gets its number. It had the connection before
	// and has it now, so this is the one.
	if again, err := lookUp(local, remote); err != nil || again != pid {
		return errors.Join(ErrUnknown, err)
	}
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return fmt.Errorf("%w: process %d: %w", ErrOther, pid, err)
	}
	defer token.Close()
	user, err := token.GetTokenUser()
	if err != nil {
		return fmt.Errorf("owner: the user of process %d: %w", pid, err)
	}
	mine, err := me()
	if err != nil {
		return err
	}
	if !user.User.Sid.Equals(mine) {
		return ErrOther
	}
	return nil
}

// tcpTableOwnerPIDAll is TCP_TABLE_OWNER_PID_ALL (iprtrmib.h).
const tcpTableOwnerPIDAll = 5

// lookUp finds the process of a connection.
func lookUp(local, remote netip.AddrPort) (pid uint32, err error) {
	for _, v6 := range []bool{false, true} {
		table, err := tcpTable(v6)
		if err != nil {
			return 0, err
		}
		if pid, found := processOf(table, v6, local, remote); found {
			return pid, nil
		}
	}
	return 0, ErrUnknown
}

// tcpTable reads the system's table of TCP connections.
func tcpTable(v6 bool) ([]byte, error) {
	proc := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if err := proc.Find(); err != nil {
		return nil, fmt.Errorf("owner: %w", err)
	}
	family := uintptr(windows.AF_INET)
	if v6 {
		family = windows.AF_INET6
	}
	// The table may grow between asking for its size and reading it.
	for size := uint32(16 << 10); ; size += size / 2 {
		table := make([]byte, size)
		status, _, _ := proc.Call(uintptr(unsafe.Pointer(&table[0])), uintptr(unsafe.Pointer(&size)), 0, family, tcpTableOwnerPIDAll, 0)
		switch windows.Errno(status) {
		case windows.ERROR_SUCCESS:
			return table, nil
		case windows.ERROR_INSUFFICIENT_BUFFER:
			if size < 64<<20 {
				continue
			}
		}
		return nil, fmt.Errorf("owner: the table of connections: %w", windows.Errno(status))
	}
}
