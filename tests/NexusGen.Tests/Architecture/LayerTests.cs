using Mono.Cecil;

namespace NexusGen.Tests.Architecture;

/// <summary>Every project keeps its order of layers, checked on the compiled assemblies.</summary>
public sealed class LayerTests
{
    public static TheoryData<string> Projects => [.. Rooms.Order.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void ARoomUsesOnlyTheRoomsBeforeIt(string project)
    {
        using AssemblyDefinition assembly = Open(project);
        string[] order = [.. Rooms.Order[project].Select(room => Rooms.NamespaceOf(project, room))];
        string[] violations = [.. LayerCheck.Violations(assembly.MainModule, order)];
        Assert.True(violations.Length == 0, string.Join('\n', violations));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void AProjectReferencesOnlyTheProjectsBelowIt(string project)
    {
        using AssemblyDefinition assembly = Open(project);
        IEnumerable<string> referenced = assembly.MainModule.AssemblyReferences.Select(reference => reference.Name)
            .Where(name => name == "NexusGen" || name.StartsWith("NexusGen.", StringComparison.Ordinal));
        Assert.Subset(Rooms.References[project].ToHashSet(), referenced.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void NamespacesEqualFolders(string project)
    {
        string root = Path.Combine(ReferenceFolder.Path, "..", "..", "src", project);
        string[] known = [.. Rooms.Order[project].Select(room => Rooms.NamespaceOf(project, room))];
        foreach (string file in Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(root, file);
            string? declared =
                File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));
            if (declared is null || relative.StartsWith("build", StringComparison.Ordinal))
            {
                continue;
            }

            string folder = Path.GetDirectoryName(relative)!.Replace(Path.DirectorySeparatorChar, '.');
            string expected = Rooms.NamespaceOf(project, folder);
            Assert.True(
                declared == $"namespace {expected};",
                $"{project}/{relative} declares '{declared}', but its folder is {expected}.");
            Assert.True(known.Contains(expected), $"The room {expected} has no place in the stated order (Rooms.cs).");
        }
    }

    [Fact]
    public void AUseAgainstTheOrderIsFound()
    {
        using AssemblyDefinition assembly = Open("NexusGen");
        string[] reversed = [.. Rooms.Order["NexusGen"].Reverse().Select(room => Rooms.NamespaceOf("NexusGen", room))];
        string[] violations = [.. LayerCheck.Violations(assembly.MainModule, reversed)];
        Assert.Contains(violations, violation => violation.Contains("NexusGen.Weights.Modules.Linear", StringComparison.Ordinal));
    }

    private static AssemblyDefinition Open(string project) =>
        AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, $"{project}.dll"));
}
