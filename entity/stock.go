package entity

// stockPrograms are programs that every machine has: parts of the operating
// system, its shells and scripting hosts, office programs, browsers and the
// agents of common management systems. That two alerts name the same one says
// next to nothing, however seldom it has been seen so far.
var stockPrograms = func() map[string]bool {
	out := map[string]bool{}
	for _, names := range [][]string{windowsPrograms, windowsTools, everydayPrograms, unixPrograms} {
		for _, n := range names {
			out[n] = true
		}
	}
	return out
}()

var windowsPrograms = []string{
	"audiodg.exe", "conhost.exe", "csrss.exe", "ctfmon.exe", "dashost.exe", "dllhost.exe", "dwm.exe", "explorer.exe", "fontdrvhost.exe", "logonui.exe", "lsaiso.exe",
	"lsass.exe", "lsm.exe", "ntoskrnl.exe", "runtimebroker.exe", "searchindexer.exe", "services.exe", "sihost.exe", "smss.exe", "spoolsv.exe", "svchost.exe", "system",
	"taskhost.exe", "taskhostw.exe", "trustedinstaller.exe", "userinit.exe", "werfault.exe", "wininit.exe", "winlogon.exe", "wmiprvse.exe", "wsmprovhost.exe", "wudfhost.exe",
	"msmpeng.exe", "mssense.exe", "sensecncproxy.exe", "senseir.exe", "w3wp.exe", "inetinfo.exe", "sqlservr.exe", "dns.exe", "ntdll.dll", "kernel32.dll",
}

var windowsTools = []string{
	"at.exe", "attrib.exe", "bcdedit.exe", "bitsadmin.exe", "certutil.exe", "cipher.exe", "cmd.exe", "cmstp.exe", "control.exe", "cscript.exe", "csvde.exe", "curl.exe",
	"dsquery.exe", "eventvwr.exe", "esentutl.exe", "expand.exe", "fodhelper.exe", "forfiles.exe", "ftp.exe", "hh.exe", "icacls.exe", "installutil.exe", "ipconfig.exe",
	"makecab.exe", "mmc.exe", "msbuild.exe", "mshta.exe", "msiexec.exe", "mstsc.exe", "net.exe", "net1.exe", "netsh.exe", "netstat.exe", "nltest.exe", "notepad.exe",
	"nslookup.exe", "ntdsutil.exe", "odbcconf.exe", "ping.exe", "powershell.exe", "powershell_ise.exe", "pwsh.exe", "psexesvc.exe", "quser.exe", "query.exe", "reg.exe", "regasm.exe",
	"regedit.exe", "regsvcs.exe", "regsvr32.exe", "robocopy.exe", "route.exe", "rundll32.exe", "sc.exe", "schtasks.exe", "setx.exe", "systeminfo.exe", "taskkill.exe", "tasklist.exe",
	"tracert.exe", "vssadmin.exe", "wbadmin.exe", "wevtutil.exe", "where.exe", "whoami.exe", "winrm.cmd", "winrs.exe", "wmic.exe", "wscript.exe", "xcopy.exe",
}

var everydayPrograms = []string{
	"acrord32.exe", "acrobat.exe", "chrome.exe", "excel.exe", "firefox.exe", "iexplore.exe", "msaccess.exe", "msedge.exe", "mspub.exe", "onedrive.exe", "onenote.exe", "outlook.exe",
	"powerpnt.exe", "safari", "teams.exe", "thunderbird.exe", "visio.exe", "winword.exe", "zoom.exe", "java.exe", "javaw.exe", "node.exe", "php.exe", "python.exe", "pythonw.exe",
	"ccmexec.exe", "gpscript.exe", "msedgewebview2.exe", "monitoringhost.exe", "healthservice.exe",
}

var unixPrograms = []string{
	"apache2", "awk", "base64", "bash", "busybox", "cat", "chmod", "cron", "crond", "curl", "dash", "dd", "env", "find", "httpd", "java", "kubectl", "launchd", "ln", "ls", "nc", "ncat",
	"nginx", "node", "openssl", "osascript", "perl", "php", "php-fpm", "ps", "python", "python2", "python3", "rm", "ruby", "runc", "scp", "sed", "sh", "ssh", "sshd", "su", "sudo", "systemd",
	"tar", "tmux", "wget", "zsh",
}

// stock says whether a file name is that of a program that every machine has.
func stock(name string) bool { return len(name) <= 24 && stockPrograms[folded(name)] }
