using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>Environment variables for native libraries, which read the process's environment, not .NET's copy of it.</summary>
internal static partial class ProcessEnvironment
{
    /// <summary>Sets a variable unless the user's environment has it. Call it before the library is loaded. Linux only.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(name) is null)
        {
            try
            {
                _ = setenv(name, value, overwrite: 0);
            }
            catch (EntryPointNotFoundException)
            {
                // The library keeps its default.
            }
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
