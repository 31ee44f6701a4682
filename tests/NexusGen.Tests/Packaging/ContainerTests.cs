using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Tests.Server;

namespace NexusGen.Tests.Packaging;

/// <summary>What can be known of the container without building it: its file names what the build makes and what the command does.</summary>
public sealed class ContainerTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Target = "linux-x64";

    private static readonly string Containerfile = Read("Containerfile");

    // Of what a bare Debian has, and of the packages that the container adds to it.
    private static readonly Dictionary<string, string> Libraries = new()
    {
        ["linux-vdso"] = "",
        ["ld-linux-x86-64"] = "",
        ["libc"] = "",
        ["libdl"] = "",
        ["libm"] = "",
        ["libpthread"] = "",
        ["libresolv"] = "",
        ["librt"] = "",
        ["libgcc_s"] = "libstdc++6",
        ["libstdc++"] = "libstdc++6",
    };

    [Fact]
    public void WhatIsAddedIsWhatIsPublished()
    {
        string version = XDocument.Parse(Read("Directory.Build.props")).Descendants("Version").Single().Value;
        XDocument project = XDocument.Parse(Read("src/NexusGen.Cli/NexusGen.Cli.csproj"));
        string name = project.Descendants("_ArchiveName").Single().Value.Replace("$(Version)", version).Replace("$(RuntimeIdentifier)", Target);
        Assert.Matches(Pattern(Group("^ADD (\\S+) /opt/$")), $"artifacts/archive/{name}.tar.gz");
        Assert.Contains($"-C $(RuntimeIdentifier) $(_ArchiveName)", project.ToString());

        // The archive holds one folder of its own name, and in it the command under the name that publishing gives it.
        Assert.Contains("DestinationFiles=\"$(PublishDir)nexusgen$(_NativeExecutableExtension)\"", project.ToString());
        Assert.Matches(Pattern(Group("ln -s (\\S+) /usr/local/bin/nexusgen")), $"/opt/{name}/nexusgen");
        Assert.Equal("nexusgen", Assert.Single(Words("ENTRYPOINT")));
        Assert.DoesNotContain(Containerfile.Split('\n'), line => line.StartsWith("COPY ", StringComparison.Ordinal));
    }

    [Fact]
    public void ItServesWhereItIsReachedAndWritesWhereItMay()
    {
        string[] serve = Words("CMD");
        Command command = new CommandLine(Terminal.OfProcess()).Build().Subcommands.Single(command => command.Name == serve[0]);
        string port = Regex.Match(command.Options.Single(option => option.Name == "--port").Description!, @"\[(\d+)\]$").Groups[1].Value;
        Assert.DoesNotContain("--port", serve);
        Assert.Equal(port, Group(@"^EXPOSE (\d+)$"));
        Assert.Contains($"-p {port}:{port}", Read("docs/install.md"));
        Assert.Equal("0.0.0.0", serve[Array.IndexOf(serve, "--host") + 1]);

        string volume = Group(@"^VOLUME (\S+)$"), user = Group(@"^USER (\S+)$");
        Assert.Equal(volume, Group(@"^WORKDIR (\S+)$"));
        Assert.All(serve.Where(word => word.StartsWith('/')), path => Assert.StartsWith(volume + "/", path));
        Assert.Contains($"-v ./data:{volume} ", Read("docs/install.md"));
        Assert.Contains($"mkdir {volume} && chown {user} {volume}", Containerfile);
        string id = Group($@"useradd --uid (\d+) --create-home {user}$");
        Assert.Contains($"chown -R {id} data", Read("docs/install.md"));
    }

    [Fact]
    public async Task ItsHealthIsAskedForAsTheServerAnswers()
    {
        string[] check = JsonSerializer.Deserialize<string[]>(Group(@"^HEALTHCHECK .*CMD (\[.*\])$"))!;
        Assert.Equal(0, await RunAsync(check, tiny.Server.Address.Port));

        // There is nothing, and something that is no server that is well.
        Assert.NotEqual(0, await RunAsync(check, 1));
        Assert.NotEqual(0, await RunAsync([.. check.Select(word => word.Replace("/health/ready", "/health/nothing", StringComparison.Ordinal))], tiny.Server.Address.Port));
    }

    [Fact]
    public void TheLibrariesOfTheSystemAreInIt()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string installed = Group("apt-get install (.*?) \\\\$");
        Assert.All(Libraries.Values.Where(package => package.Length > 0), package => Assert.Contains(package, installed.Split(' ')));

        // Loaded by name when the first digest is made, so that no file says it needs them.
        Assert.Contains("libssl3", installed.Split(' '));
        string[] files = Directory.GetFiles(Path.GetDirectoryName(typeof(CommandLine).Assembly.Location)!, "*.so*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            foreach (Match needed in Regex.Matches(PackedLibraries.Run(Path.GetDirectoryName(file)!, "ldd", file), @"^\s+(\S+?)\.so\S*( => (\S+))? ", RegexOptions.Multiline))
            {
                string place = needed.Groups[3].Value, library = Path.GetFileName(needed.Groups[1].Value);
                Assert.True(Libraries.ContainsKey(library) || place.StartsWith(PackedLibraries.Repository, StringComparison.Ordinal), $"{file} needs {library}");
            }
        }
    }

    private static async Task<int> RunAsync(string[] check, int port)
    {
        string[] words = [.. check.Select(word => word.Replace("8080", $"{port}", StringComparison.Ordinal))];
        using Process process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return process.ExitCode;
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(PackedLibraries.Repository, path)).ReplaceLineEndings("\n");

    private static string Group(string pattern) => Assert.Single(Regex.Matches(Containerfile, pattern, RegexOptions.Multiline)).Groups[1].Value;

    private static string[] Words(string instruction) => JsonSerializer.Deserialize<string[]>(Group($@"^{instruction} (\[.*\])$"))!;

    private static string Pattern(string glob) => $"^{Regex.Escape(glob).Replace("\\*", "[^/]*", StringComparison.Ordinal)}$";
}
