using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Cli.Images;

/// <summary>
/// The names of the output images: the first has the name itself, the others have <c>-2</c>, <c>-3</c>… before the extension.
/// </summary>
/// <param name="Path">The path of the first image.</param>
internal sealed record OutputName(string Path)
{
    /// <summary>Parses the name that is given on the command line.</summary>
    /// <param name="given">A file, a folder for a file of the default name, or null for that file in the current folder.</param>
    /// <param name="usual">The default name.</param>
    /// <exception cref="UsageException">The extension is not that of an image format.</exception>
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

    /// <summary>
    /// Parses the name of the images of several prompts. They go to a folder: a name without an extension is a folder that does
    /// not exist yet.
    /// </summary>
    /// <inheritdoc cref="Parse"/>
    public static OutputName OfSeveral(string? given, string usual) => Parse(
        given is not null && System.IO.Path.GetExtension(given).Length == 0
            ? System.IO.Path.TrimEndingDirectorySeparator(given) + System.IO.Path.DirectorySeparatorChar
            : given,
        usual);

    /// <summary>Returns the path of the image with the given number.</summary>
    /// <param name="number">The number, from 1.</param>
    public string At(int number) => number == 1 ? Path : WithSuffix($"-{number}");

    /// <summary>Returns the name for a line of a prompt file, with the line number before the extension.</summary>
    /// <param name="line">The line number, from 1.</param>
    public OutputName OfLine(int line) => new(WithSuffix($"-{line:0000}"));

    /// <summary>The folder of the images.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? Path;

    private string WithSuffix(string suffix) =>
        System.IO.Path.ChangeExtension(Path, null) + suffix + System.IO.Path.GetExtension(Path);
}
