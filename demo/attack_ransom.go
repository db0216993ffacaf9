package demo

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

var (
	ransomVPN      = rule{sentinel, medium, "InitialAccess", "T1133 T1078", "VPN sign-in from a hosting provider", "{user} opened a VPN session from {address}, which belongs to a hosting provider. People connect from homes and telephones.", doAccount}
	ransomSecond   = rule{entra, medium, "InitialAccess", "T1621", "Sign-in approved after many refused prompts", "{user} refused a series of sign-in prompts and then approved one, within minutes and at night.", doAccount}
	ransomRDP      = rule{endpoint, medium, "InitialAccess", "T1021.001", "Remote desktop session at an unusual hour", "{user} opened a remote desktop session on {device}, for the first time and at night.", doDevice}
	ransomLook     = rule{endpoint, low, "Discovery", "T1087.002 T1482 T1018", "Burst of commands that explore the domain", "Within two minutes the same session on {device} asked for domain administrators, trusts and computers.", doDevice}
	ransomLDAP     = rule{identity, medium, "Discovery", "T1087.002 T1069.002", "Directory read in full by a workstation tool", "{user} queried every account and group of the domain from {device}.", doAccount}
	ransomTamper   = rule{endpoint, high, "DefenseEvasion", "T1562.001", "Attempt to switch off the antivirus", "A script on {device} excluded whole drives from scanning and tried to stop the protection service.", doDevice}
	ransomDump     = rule{endpoint, high, "CredentialAccess", "T1003.001", "Memory of the sign-in process was dumped", "On {device} a renamed tool wrote the memory of the local security process to a file. It holds passwords and tickets of everyone who is signed in.", "Isolate the device and reset every account that was signed in there, administrators first."}
	ransomDumpAV   = rule{antivirus, high, "CredentialAccess", "T1003.001", "Credential dumping tool was found", "A tool that reads passwords from memory was found on {device} and removed after it had run.", doDevice}
	ransomBeacon   = rule{network, high, "CommandAndControl", "T1071.001 T1573", "Regular connections to a control server", "{address} connects every 57 to 63 seconds with the same small size to a server that was seen in earlier intrusions.", doDevice}
	ransomBeaconEP = rule{endpoint, medium, "CommandAndControl", "T1055 T1071.001", "Injected process talks to a rare address", "A system process on {device} that never uses the network connects to an address seen nowhere else.", doDevice}
	ransomMove     = rule{endpoint, high, "LateralMovement", "T1570 T1569.002", "Service installed from another computer", "From the network a service with a random name was installed and started on {device}.", doDevice}
	ransomMoveID   = rule{identity, high, "LateralMovement", "T1569.002", "Remote execution attempt against a server", "{user} ran a command on {device} from a computer that does not administer servers.", doAccount}
	ransomHash     = rule{identity, high, "LateralMovement", "T1550.002", "Identity theft with a stolen password hash", "{user} was authenticated from {device}, where the account has not been signed in.", doAccount}
	ransomShare    = rule{host, medium, "LateralMovement", "T1021.002", "Program copied to an administrative share", "A program file appeared on the administrative share of {device}.", doDevice}
	ransomOut      = rule{network, high, "Exfiltration", "T1567.002 T1048", "Large upload to a storage service nobody uses", "{address} sent 214 GB within three hours to a storage service that is not used in the company.", doData}
	ransomCopy     = rule{endpoint, high, "Exfiltration", "T1567.002", "Copy tool sends shares to outside storage", "A file-copy tool on {device} sends whole shares to an outside storage account.", doData}
	ransomBackup   = rule{endpoint, high, "Impact", "T1490", "Backup catalogue was deleted", "On the backup server {device} the catalogue and its schedule were deleted.", "Disconnect the backup storage now and check whether an offline copy exists."}
	ransomShadow   = rule{endpoint, high, "Impact", "T1490", "Shadow copies were deleted", "A command on {device} deleted all shadow copies. Ransomware does this so that files can't be brought back.", "Isolate the device at once; encryption usually follows within minutes."}
	ransomStop     = rule{endpoint, medium, "Impact", "T1489", "Many services stopped at once", "A script on {device} stopped databases, mail and backup services in one go.", doDevice}
	ransomEncrypt  = rule{endpoint, high, "Impact", "T1486", "Ransomware behaviour: files are being encrypted", "A process on {device} rewrites and renames files in many folders at a rate no program of the company has.", "Isolate the device at once. Do not switch it off; keys may be in memory."}
	ransomNote     = rule{antivirus, high, "Impact", "T1486", "Ransom note was written to many folders", "The same text file that asks for money appeared in many folders of {device}.", "Isolate the device and keep one note and one encrypted file."}
	ransomBlocked  = rule{antivirus, medium, "Impact", "T1486", "Ransomware was stopped before it ran", "The file was recognised and blocked on {device} before it could encrypt anything.", "Check that the device is otherwise clean; the same attacker has reached it."}
)

// ransomware: stolen VPN access, credential dump, lateral movement, data
// theft, backups destroyed, encryption.
func ransomware(s *script) {
	r := &ransom{script: s, u: s.windowsPerson("Support"), home: s.stranger(), control: s.stranger(), rds: s.byRole["rds"], op: pick(s.d, s.admins)}
	r.enter()
	r.prepare()
	targets := r.spread()
	r.steal()
	r.destroy(targets)
}

type ransom struct {
	*script
	u, op         *User
	home, control string
	rds           *Device
	shell         *process
	tool          file
}

func (r *ransom) enter() {
	s := r.script
	s.raise(ransomSecond, s.usr(r.u, compromised), odd(ipEv(r.home, attacker, source)))
	s.later(time.Minute, 5*time.Minute)
	s.raise(ransomVPN, s.usr(r.u, compromised), odd(ipEv(r.home, attacker, source)), s.dev(s.byRole["vpn"], contextual))
	s.later(10*time.Minute, 40*time.Minute)
	r.shell = s.spawn(nil, r.rds, r.u, `C:\Windows\explorer.exe`, "explorer.exe")
	s.raise(ransomRDP, s.dev(r.rds, attacked), s.usr(r.u, compromised), odd(ipEv(r.home, source)))
	s.later(5*time.Minute, 15*time.Minute)
	cmd := s.spawn(r.shell, r.rds, r.u, `C:\Windows\System32\cmd.exe`, "cmd.exe")
	for _, line := range []string{`net group "domain admins" /domain`, `nltest /domain_trusts`} {
		p := s.spawn(cmd, r.rds, r.u, `C:\Windows\System32\net.exe`, line)
		s.raise(ransomLook, s.dev(r.rds, attacked), s.usr(r.u, compromised), odd(s.ran(p)))
		s.later(30*time.Second, 2*time.Minute)
	}
	s.raise(ransomLDAP, s.usr(r.u, compromised), s.dev(r.rds, source), s.dev(s.byRole["dc"], destination))
	r.shell = cmd
}

func (r *ransom) prepare() {
	s := r.script
	s.later(10*time.Minute, 40*time.Minute)
	ps := s.spawn(r.shell, r.rds, r.u, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, `powershell -ep bypass Add-MpPreference -ExclusionPath C:\,D:\`)
	s.raise(ransomTamper, s.dev(r.rds, attacked), s.usr(r.u, compromised), bad(s.ran(ps)))
	s.later(3*time.Minute, 12*time.Minute)
	r.tool = newFile(s.d, `C:\ProgramData\hwmon.exe`)
	dump := s.start(ps, r.rds, r.u, r.tool, `C:\ProgramData\hwmon.exe -p lsass -o C:\ProgramData\d.bin`)
	out := newFile(s.d, `C:\ProgramData\d.bin`)
	a := s.raise(ransomDump, s.dev(r.rds, attacked), s.usr(r.u, compromised), bad(s.ran(dump)), bad(r.tool.ev(r.rds)), odd(out.ev(r.rds, created)))
	s.update(a, 40*time.Minute, s.usr(r.op, compromised))
	s.raise(ransomDumpAV, s.dev(r.rds, attacked), stopped(r.tool.ev(r.rds), alert.RemediationStatusRemediated))
	s.later(5*time.Minute, 20*time.Minute)
	host := s.spawn(ps, r.rds, r.u, `C:\Windows\System32\rundll32.exe`, `rundll32.exe C:\ProgramData\hwmon.dll,Start`)
	s.raise(ransomBeaconEP, s.dev(r.rds, attacked), odd(s.ran(host)), bad(ipEv(r.control, c2)))
	s.raise(ransomBeacon, ipEv(r.rds.Address, source), bad(ipEv(r.control, c2, destination)), flow(r.rds.Address, r.control, 443))
	r.shell = host
}

func (r *ransom) spread() []*Device {
	s := r.script
	targets := []*Device{s.byRole["dc"], s.byRole["files"], s.byRole["files2"], s.byRole["sql2"], s.byRole["backup"], s.byRole["erp"], s.byRole["hypervisor"]}
	targets = append(targets, some(s.d, 5, s.clients)...)
	s.later(20*time.Minute, time.Hour)
	s.raise(ransomHash, s.usr(r.op, compromised), s.dev(r.rds, source), s.dev(s.byRole["dc"], destination))
	for i, to := range targets {
		s.later(40*time.Second, 4*time.Minute)
		svc := s.start(nil, to, r.op, r.tool, `C:\Windows\`+s.d.hex(8)+`.exe`)
		svc.parent = s.spawn(nil, to, nil, `C:\Windows\System32\services.exe`, "services.exe")
		s.raise(ransomMove, s.dev(to, attacked, destination), s.dev(r.rds, source), s.usr(r.op, compromised), bad(s.ran(svc)), bad(r.tool.ev(to)))
		if i < 3 {
			s.raise(ransomMoveID, s.usr(r.op, compromised), s.dev(to, destination, attacked), s.dev(r.rds, source))
		}
		if i%4 == 1 {
			s.raise(ransomShare, s.dev(to, attacked), bad(r.tool.ev(to, created)), ipEv(r.rds.Address, source))
		}
	}
	return targets
}

func (r *ransom) steal() {
	s := r.script
	from, store := s.byRole["files"], s.stranger()
	s.later(30*time.Minute, 2*time.Hour)
	cp := s.start(nil, from, r.op, newFile(s.d, `C:\ProgramData\sync.exe`), `sync.exe copy D:\Shares remote:drop --transfers 32`)
	s.raise(ransomCopy, s.dev(from, attacked), s.usr(r.op, compromised), bad(s.ran(cp)), odd(ipEv(store, destination)))
	s.raise(ransomOut, ipEv(from.Address, source), odd(ipEv(store, destination)), flow(from.Address, store, 443), domainEv("drop.boxhaven.test", destination))
}

func (r *ransom) destroy(targets []*Device) {
	s := r.script
	s.later(time.Hour, 4*time.Hour)
	bkp := s.byRole["backup"]
	wipe := s.spawn(nil, bkp, r.op, `C:\Windows\System32\wbadmin.exe`, "wbadmin delete catalog -quiet")
	s.raise(ransomBackup, s.dev(bkp, attacked), s.usr(r.op, compromised), bad(s.ran(wipe)))
	locker := newFile(s.d, `C:\ProgramData\grimlock.exe`)
	note := newFile(s.d, `C:\READ_ME_GRIMLOCK.txt`)
	for i, to := range targets {
		s.later(10*time.Second, 70*time.Second)
		cmd := s.spawn(nil, to, r.op, `C:\Windows\System32\cmd.exe`, `cmd /c C:\ProgramData\start.bat`)
		if i%5 == 4 {
			s.raise(ransomBlocked, s.dev(to, attacked), stopped(locker.ev(to), alert.RemediationStatusPrevented))
			continue
		}
		vss := s.spawn(cmd, to, r.op, `C:\Windows\System32\vssadmin.exe`, "vssadmin delete shadows /all /quiet")
		s.raise(ransomShadow, s.dev(to, attacked), s.usr(r.op, compromised), bad(s.ran(vss)))
		if i == 2 || i == 5 {
			stop := s.spawn(cmd, to, r.op, `C:\Windows\System32\net.exe`, "net stop MSSQLSERVER /y")
			s.raise(ransomStop, s.dev(to, attacked), s.usr(r.op, compromised), odd(s.ran(stop)))
		}
		lock := s.start(cmd, to, r.op, locker, `grimlock.exe -path all -fast`)
		a := s.raise(ransomEncrypt, s.dev(to, attacked), s.usr(r.op, compromised), bad(s.ran(lock)), bad(locker.ev(to)))
		a.ThreatFamilyName = "Grimlock"
		if i%3 == 0 {
			s.raise(ransomNote, s.dev(to, attacked), bad(note.ev(to, created)), bad(locker.ev(to)))
		}
	}
}
