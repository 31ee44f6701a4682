namespace NexusGen.Tests.Architecture;

/// <summary>The form of the sources that the formatter does not check.</summary>
public sealed class SourceFormTests
{
    private const int MaxColumns = 130;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    [InlineData("samples")]
    [InlineData("training")]
    public void LinesStayWithinTheStatedWidth(string folder)
    {
        string root = Path.GetFullPath(Path.Combine(ReferenceFolder.Path, "..", ".."));
        string[] wide =
        [
            .. Directory.GetFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
                .SelectMany(file => File.ReadLines(file).Index()
                    .Where(line => line.Item.Length > MaxColumns)
                    .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Index + 1} has {line.Item.Length} columns")),
        ];
        Assert.True(wide.Length == 0, $"At most {MaxColumns} columns a line:\n{string.Join('\n', wide)}");
    }
}
