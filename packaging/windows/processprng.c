/*
 * bcryptprimitives.dll for tests under Wine 8: Go programs ask it for random
 * numbers, and Wine has it only from 9.0 on. It never comes near a user.
 */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
	return RtlGenRandom(data, (ULONG)size);
}
