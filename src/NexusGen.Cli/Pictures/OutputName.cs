using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Cli.Pictures;

/// <summary>Names of written pictures: the first has the name itself, the others <c>-2</c>, <c>-3</c>… before the ending.</summary>
/// <param name="Path">The name of the first.</param>
internal sealed record OutputName(string Path)
{
    /// <summary>The name that the command line gives.</summary>
    /// <param name="given">A file, or a folder that gets a file of the usual name; null for that name in the current folder.</param>
    /// <param name="usual">The usual name.</param>
    /// <exception cref="UsageException">The name's ending is not that of a picture.</exception>
    public static OutputName Parse(string? given, string usual)
    {
        bool isFolder = given is not null && (Directory.Exists(given) || System.IO.Path.EndsInDirectorySeparator(given));
        string path = given is null ? usual : isFolder ? System.IO.Path.Combine(given, usual) : given;
        try
        {
            _ = ImageFile.FormatOf(path);
            return new OutputName(path);
        }
        catch (ImagingException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>The name of the picture of that number.</summary>
    /// <param name="number">From 1.</param>
    public string At(int number) => number == 1 ? Path : WithSuffix($"-{number}");

    /// <summary>The name of what belongs to a line of a file of prompts: its number before the ending.</summary>
    /// <param name="line">From 1.</param>
    public OutputName OfLine(int line) => new(WithSuffix($"-{line:0000}"));

    /// <summary>The folder that the pictures lie in.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? Path;

    private string WithSuffix(string suffix) => System.IO.Path.ChangeExtension(Path, null) + suffix + System.IO.Path.GetExtension(Path);
}
