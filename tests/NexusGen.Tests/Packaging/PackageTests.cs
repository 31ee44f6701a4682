using System.IO.Compression;
using System.Xml.Linq;

namespace NexusGen.Tests.Packaging;

/// <summary>The contents of the packages.</summary>
public sealed class PackageTests(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    [Theory]
    [InlineData("NexusGen", new[] { "TorchSharp-cpu", "NetVips", "NetVips.Native", "System.IO.Hashing" })]
    [InlineData("NexusGen.Verification", new[] { "NexusGen" })]
    [InlineData("NexusGen.Training", new[] { "NexusGen", "NexusGen.Verification", "YamlDotNet" })]
    [InlineData("NexusGen.Extensions.AI", new[] { "NexusGen", "Microsoft.Extensions.AI.Abstractions" })]
    [InlineData("NexusGen.Hub", new[] { "NexusGen" })]
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
}
