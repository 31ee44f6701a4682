using System.Diagnostics;
using NexusGen.Tests.Torch;
using NexusGen.Tests.Training;
using NexusGen.Tests.Training.Distributed;

namespace NexusGen.Tests;

/// <summary>Runs this program in a separate process, for tests that kill it or need its first thread.</summary>
internal static class ChildProcess
{
    public static int Main(string[] arguments) => arguments switch
    {
        [ToyTraining.Command, string folder, string stallAt, string marker] =>
            ToyTraining.RunAndStall(folder, int.Parse(stallAt), marker),
        [MpiTraining.Command, string folder, string phase, string marker] => MpiTraining.Run(folder, phase, marker),
        [NativeHeapTests.Command] => NativeHeapTests.Probe(),
        [SpinLimitTests.Command] => SpinLimitTests.Load(),
        _ => 2,
    };

    public static Process Start(params string[] arguments) => Start(new Dictionary<string, string?>(), arguments);

    // A variable whose value is null is removed.
    public static Process Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        bool hosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(hosted ? Environment.ProcessPath! : "dotnet") { RedirectStandardError = true };
        foreach (string argument in (string[])["exec", typeof(ChildProcess).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in environment)
        {
            start.Environment.Remove(name);
            if (value is not null)
            {
                start.Environment.Add(name, value);
            }
        }

        return Process.Start(start)!;
    }
}
