/*
 * bcryptprimitives.dll for tests under Wine 8, which lacks two things that Go
 * programs ask Windows for. It never comes near a user.
 *
 * ProcessPrng gives random numbers (Wine has it from 9.0 on). A UDP socket of Go
 * 1.25 and later is told not to end for an ICMP message (SIO_UDP_NETRESET); Wine
 * refuses what it does not know, and the socket with it. Since every Go program
 * loads this library first, it puts a function of its own before WSAIoctl in
 * ws2_32.dll's table of exports.
 */
#include <winsock2.h>
#include <windows.h>
#include <ntsecapi.h>
#include <string.h>

#define UDP_NETRESET 0x9800000F

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
	return RtlGenRandom(data, (ULONG)size);
}

typedef int(WINAPI *ioctl_t)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE);
static ioctl_t original;

static int WINAPI our_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_len, LPVOID out, DWORD out_len, LPDWORD got,
                            LPWSAOVERLAPPED o, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	if (code == UDP_NETRESET)
		return 0;
	return original(s, code, in, in_len, out, out_len, got, o, done);
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD why, LPVOID reserved)
{
	BYTE *base, *thunk;
	IMAGE_NT_HEADERS *nt;
	IMAGE_EXPORT_DIRECTORY *exports;
	DWORD i, old, *names, *functions;
	WORD *ordinals;
	void *target = (void *)our_ioctl;
	(void)self;
	(void)reserved;
	if (why != DLL_PROCESS_ATTACH || !(base = (BYTE *)LoadLibraryA("ws2_32.dll")))
		return TRUE;
	nt = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
	exports = (IMAGE_EXPORT_DIRECTORY *)(base + nt->OptionalHeader.DataDirectory[0].VirtualAddress);
	names = (DWORD *)(base + exports->AddressOfNames);
	functions = (DWORD *)(base + exports->AddressOfFunctions);
	ordinals = (WORD *)(base + exports->AddressOfNameOrdinals);
	/* The table holds distances from the library; behind its headers is room for a jump. */
	thunk = base + 0xfe0;
	for (i = 0; i < exports->NumberOfNames; i++) {
		DWORD *f = &functions[ordinals[i]];
		if (strcmp((char *)base + names[i], "WSAIoctl") != 0 || base + *f == thunk)
			continue;
		original = (ioctl_t)(base + *f);
		if (!VirtualProtect(base, 0x1000, PAGE_EXECUTE_READWRITE, &old))
			break;
		memcpy(thunk, "\x48\xb8", 2); /* mov rax, target; jmp rax */
		memcpy(thunk + 2, &target, 8);
		memcpy(thunk + 10, "\xff\xe0", 2);
		if (VirtualProtect(f, sizeof *f, PAGE_READWRITE, &old)) {
			*f = (DWORD)(thunk - base);
			VirtualProtect(f, sizeof *f, old, &old);
		}
	}
	return TRUE;
}
