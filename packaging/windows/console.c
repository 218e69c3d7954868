/*
 * nxphone.com: the console twin of nxphone.exe.
 *
 * Windows decides by a flag in the file whether a program belongs to the
 * console it is started in. nxphone.exe has the flag of programs with windows,
 * so that no black box opens behind the phone; a shell then does not wait for
 * it and loses its exit status. Shells look for .com before .exe: "nxphone
 * call ..." finds this one, which starts nxphone.exe on its own standard
 * streams, waits, and ends with its status.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#define PATH_MAX_W 32768
#define FAILED_TO_START 1

/* The command line begins with this program's own name, quoted or not. */
static const WCHAR *after_own_name(const WCHAR *s)
{
	int quoted = 0;
	for (; *s && (quoted || (*s != L' ' && *s != L'\t')); s++)
		if (*s == L'"')
			quoted = !quoted;
	return s;
}

static PROCESS_INFORMATION child;

/*
 * Ctrl-C, and a console that is closed, are told to every program of the
 * console. The phone hangs up and ends; this program must live as long.
 */
static BOOL WINAPI leave_it_to_the_phone(DWORD event)
{
	if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT && child.hProcess)
		WaitForSingleObject(child.hProcess, INFINITE); /* Windows ends the waiting */
	return TRUE;
}

static void say(const WCHAR *text)
{
	DWORD n;
	HANDLE h = GetStdHandle(STD_ERROR_HANDLE);
	char bytes[512];
	int len;
	if (WriteConsoleW(h, text, lstrlenW(text), &n, NULL))
		return;
	len = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
	if (len > 1)
		WriteFile(h, bytes, len - 1, &n, NULL);
}

static WCHAR own[PATH_MAX_W], line[PATH_MAX_W + 8];

int main(void)
{
	const WCHAR *rest = after_own_name(GetCommandLineW());
	STARTUPINFOW start = {sizeof start};
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
	DWORD status = FAILED_TO_START, len = GetModuleFileNameW(NULL, own, PATH_MAX_W);
	HANDLE job;

	if (len < 4 || len >= PATH_MAX_W || len + 2 + lstrlenW(rest) >= PATH_MAX_W) {
		say(L"nxphone: the command line is too long.\r\n");
		return FAILED_TO_START;
	}
	lstrcpyW(own + len - 3, L"exe");
	lstrcpyW(line, L"\"");
	lstrcatW(line, own);
	lstrcatW(line, L"\"");
	lstrcatW(line, rest);

	SetEnvironmentVariableW(L"NXPHONE_CONSOLE", L"1"); /* it takes this console */
	start.dwFlags = STARTF_USESTDHANDLES;
	start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
	start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
	start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	SetConsoleCtrlHandler(leave_it_to_the_phone, TRUE);
	/* Whoever ends this program ends the phone that it stands for. */
	job = CreateJobObjectW(NULL, NULL);
	limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit);
	if (!CreateProcessW(own, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &child)) {
		say(L"nxphone: nxphone.exe beside this program cannot be started. Please install nxphone again.\r\n");
		return FAILED_TO_START;
	}
	AssignProcessToJobObject(job, child.hProcess);
	ResumeThread(child.hThread);
	WaitForSingleObject(child.hProcess, INFINITE);
	GetExitCodeProcess(child.hProcess, &status);
	return (int)status;
}
