using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Xml.Linq;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Packaging;

/// <summary>The contents of the packages, and new projects that install them and read and generate images.</summary>
public sealed class PackageTests(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    [Theory]
    [InlineData("NexusGen", new[] { "TorchSharp-cpu", "NetVips", "NetVips.Native", "System.IO.Hashing" })]
    [InlineData("NexusGen.Verification", new[] { "NexusGen" })]
    [InlineData("NexusGen.Training", new[] { "NexusGen", "NexusGen.Verification", "YamlDotNet" })]
    [InlineData("NexusGen.Extensions.AI", new[] { "NexusGen", "Microsoft.Extensions.AI.Abstractions" })]
    [InlineData("NexusGen.Server", new[] { "NexusGen", "ModelContextProtocol.AspNetCore" })]
    public void HoldsWhatAPackageShould(string name, string[] dependencies)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(packed.Folder, $"{name}.{packed.Version}.nupkg"));
        string[] entries = [.. archive.Entries.Select(entry => entry.FullName)];
        Assert.Superset(
            new HashSet<string>([$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", "README.md", "LICENSE", "NOTICE"]),
            entries.ToHashSet());
        Assert.Equal(
            name == "NexusGen",
            entries.Contains("buildTransitive/NexusGen.targets") && entries.Contains("buildTransitive/WeakenSymbolVersion.cs"));
        using Stream stream = archive.GetEntry($"{name}.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().First();
        string? Value(string field) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == field)?.Value;
        Assert.Equal(
            (name, packed.Version, "Apache-2.0", "README.md"),
            (Value("id"), Value("version"), Value("license"), Value("readme")));
        Assert.False(string.IsNullOrWhiteSpace(Value("description")) || string.IsNullOrWhiteSpace(Value("tags")));
        Assert.Superset(
            dependencies.ToHashSet(),
            metadata.Descendants()
                .Where(element => element.Name.LocalName == "dependency")
                .Select(element => (string)element.Attribute("id")!)
                .ToHashSet());
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(packed.Folder, $"{name}.{packed.Version}.snupkg"));
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{name}.pdb");
    }

    [Fact]
    public void NothingElseIsPacked() =>
        Assert.Equal(
            PackedLibraries.Names.Select(name => $"{name}.{packed.Version}").Order(),
            Directory.GetFiles(packed.Folder, "*.nupkg").Select(Path.GetFileNameWithoutExtension).Order());

    /// <summary>Tests a new console project: <c>dotnet test -c Release --filter NewConsoleProject</c>.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void ANewConsoleProjectInstallsAndDraws()
    {
        using TemporaryFolder folder = NewProject("console", "NexusGen.Extensions.AI", """
            using Microsoft.Extensions.AI;
            using NexusGen;
            using NexusGen.Extensions.AI;

            using NexusGenModel model = NexusGenModel.Open(args[0]);
            using IChatClient chat = new NexusGenChatClient(model);
            ChatResponse response = await chat.GetResponseAsync("Draw a picture: a red star");
            DataContent picture = response.Messages.SelectMany(message => message.Contents).OfType<DataContent>().First();
            File.WriteAllBytes(args[1], picture.Data.ToArray());
            """);
        PackedLibraries.Run(folder.Path, "dotnet", "run", "-c", "Release", "--", ModelFinder.FindTiny(), folder["star.png"]);
        Assert.Equal((112, 112), SizeOf(File.ReadAllBytes(folder["star.png"])));
    }

    /// <summary>Tests a new web project: <c>dotnet test -c Release --filter NewWebProject</c>.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task ANewWebProjectInstallsAndServes()
    {
        using TemporaryFolder folder = NewProject("web", "NexusGen.Server", """
            using NexusGen;
            using NexusGen.Server;

            WebApplicationBuilder builder = WebApplication.CreateBuilder();
            builder.Services.AddSingleton(_ => NexusGenModel.Open(args[0]));
            builder.Services.AddNexusGenServer();
            WebApplication app = builder.Build();
            app.MapNexusGen();
            app.Urls.Add(args[1]);
            _ = Task.Delay(TimeSpan.FromMinutes(5)).ContinueWith(_ => Environment.Exit(1));
            app.MapPost("/end", () => app.Lifetime.StopApplication());
            await app.RunAsync();
            """);
        PackedLibraries.Run(folder.Path, "dotnet", "build", "-c", "Release", "-v", "quiet", "-nologo");
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        Task<string> running = Task.Run(() => PackedLibraries.Run(
            folder.Path, "dotnet", "run", "-c", "Release", "--no-build", "--", ModelFinder.FindTiny(), address.ToString()));
        using var http = new HttpClient { BaseAddress = address };
        for (bool ready = false; !ready && !running.IsCompleted; await Task.Delay(200))
        {
            try
            {
                ready = (await http.GetAsync("/health/ready")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
            }
        }

        using HttpResponseMessage drawn = await http.PostAsync(
            "/v1/images/generations",
            new StringContent("{\"prompt\":\"a red star\",\"response_format\":\"url\"}", null, "application/json"));
        string url = (string)System.Text.Json.Nodes.JsonNode.Parse(await drawn.Content.ReadAsStringAsync())!["data"]![0]!["url"]!;
        Assert.Equal((112, 112), SizeOf(await http.GetByteArrayAsync(url)));
        await http.PostAsync("/end", null);
        await running;
    }

    private TemporaryFolder NewProject(string template, string package, string program)
    {
        var folder = new TemporaryFolder();
        PackedLibraries.Run(folder.Path, "dotnet", "new", template, "-o", ".", "-n", "newcomer", "--no-restore");
        File.WriteAllText(folder["Program.cs"], program);

        // In addition to the package sources of this machine.
        File.WriteAllText(
            folder["NuGet.config"],
            $"""<configuration><packageSources><add key="packed" value="{packed.Folder}" /></packageSources></configuration>""");
        PackedLibraries.Run(folder.Path, "dotnet", "add", "package", package, "--version", packed.Version);
        return folder;
    }

    private static (int, int) SizeOf(byte[] png)
    {
        RgbImage image = ImageFile.Read(png);
        return (image.Width, image.Height);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
