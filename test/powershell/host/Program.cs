// Starts PowerShell's console host, as `pwsh` does.
return Microsoft.PowerShell.UnmanagedPSEntry.Start(args, args.Length);
