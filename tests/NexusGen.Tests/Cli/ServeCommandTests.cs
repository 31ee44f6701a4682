using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>What keeps a command from starting is said in one sentence, in a process of its own as a user runs it.</summary>
public class ServeCommandTests
{
    [Fact]
    public async Task APortInUseIsOneSentence()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        CliRun run = await Run("serve", "--model", CliRun.TinyModel, "--gallery", "none", "--port", $"{port}");

        Assert.Equal(
            (ExitCode.Failed, ""),
            (run.Code, run.Out));
        Assert.Equal(
            $"nexusgen: Can't listen on 127.0.0.1:{port}: another program uses it; choose another --port or --host.",
            run.Error.Trim());
    }

    [Theory]
    [InlineData("The origin example.com is none", "--origins", "example.com")]
    [InlineData("The proxy x is neither an address", "--proxies", "x")]
    [InlineData("a/b names no machine", "--picture-hosts", "a/b")]
    [InlineData("--loras: the folder /no/such/folder does not exist.", "--loras", "/no/such/folder")]
    [InlineData("--host must be an address", "--host", "nowhere.invalid")]
    [InlineData("Can't listen on 203.0.113.7:0: it is no", "--host", "203.0.113.7", "--port", "0", "--no-keys")]
    public async Task AWrongOptionIsOneSentence(string said, params string[] options)
    {
        CliRun run = await Run(["serve", "--model", CliRun.TinyModel, "--gallery", "none", .. options]);

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.StartsWith($"nexusgen: {said}", run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task AShortKeyIsOneSentenceWithoutTheKey()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys"], "secret\n");

        CliRun run = await Run("serve", "--model", CliRun.TinyModel, "--gallery", "none", "--api-keys", folder["keys"]);

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.StartsWith("nexusgen: A key is shorter than 8 characters", run.Error);
        Assert.DoesNotContain("secret", run.Error);
    }

    [LinuxTheory]
    [InlineData("generate 'a cat'")]
    [InlineData("understand --image cat.png")]
    [InlineData("inspect model")]
    public async Task ADeletedWorkingFolderIsOneSentence(string command)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["gone"]);

        CliRun run = await Finish(Process.Start(new ProcessStartInfo(
            "sh", ["-c", $"cd '{folder["gone"]}' && rmdir '{folder["gone"]}' && exec dotnet '{Command}' {command}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

        Assert.Equal(
            (ExitCode.Failed, ""),
            (run.Code, run.Out));
        Assert.Equal(
            "nexusgen: The current folder does not exist any more; change to another one and run the command again.",
            run.Error.Trim());
    }

    private static string Command => Path.Combine(AppContext.BaseDirectory, "NexusGen.Cli.dll");

    private static Task<CliRun> Run(params string[] arguments) => Finish(
        Process.Start(new ProcessStartInfo("dotnet", [Command, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    private static async Task<CliRun> Finish(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return new CliRun(process.ExitCode, await output, await error);
        }
    }
}
