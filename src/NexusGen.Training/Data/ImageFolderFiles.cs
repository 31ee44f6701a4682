namespace NexusGen.Training.Data;

/// <summary>
/// The files of one folder of images, in the order of their names. Hidden files and folders (<c>._x.jpg</c>) and those of
/// archives (<c>__MACOSX</c>) are passed over; masks (<c>x.mask.png</c>) are no images. Upper and lower case are the same.
/// </summary>
internal sealed class ImageFolderFiles
{
    private const string BeforeName = "before", AfterName = "after", MaskEnding = ".mask";

    private static readonly string[] TextEndings = [".txt", ".caption"];

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _masks = new(StringComparer.OrdinalIgnoreCase);

    private ImageFolderFiles(string folder)
    {
        Folder = folder;
        List<string> images = [];
        foreach (string path in Directory.GetFiles(folder).Where(IsVisible).Order(StringComparer.Ordinal))
        {
            string extension = Path.GetExtension(path), stem = Path.GetFileNameWithoutExtension(path);
            if (TextEndings.Contains(extension, StringComparer.OrdinalIgnoreCase))
            {
                _texts.TryAdd(Path.GetFileName(path), path);
            }
            else if (!Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }
            else if (stem.EndsWith(MaskEnding, StringComparison.OrdinalIgnoreCase))
            {
                _masks.TryAdd(stem[..^MaskEnding.Length], path);
            }
            else
            {
                images.Add(path);
            }
        }

        Images = images;
        Folders = [.. Directory.GetDirectories(folder).Where(IsVisible).Order(StringComparer.Ordinal)];
        string? before = Folders.FirstOrDefault(name => IsNamed(name, BeforeName));
        string? after = Folders.FirstOrDefault(name => IsNamed(name, AfterName));
        Pairs = before is null || after is null ? null : (before, after);
    }

    /// <summary>Gets the extensions of images.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
        [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"];

    /// <summary>Gets the folder.</summary>
    public string Folder { get; }

    /// <summary>Gets the paths of the images.</summary>
    public IReadOnlyList<string> Images { get; }

    /// <summary>Gets the paths of the subfolders.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>
    /// Gets the subfolders with the images before and after an edit, or null if the folder is not one of pairs.
    /// </summary>
    public (string Before, string After)? Pairs { get; }

    /// <summary>Reads the names of a folder.</summary>
    /// <param name="folder">The folder.</param>
    public static ImageFolderFiles Of(string folder) => new(folder);

    /// <summary>
    /// Finds the text file of an image: <c>x.jpg.txt</c>, which tells two images of one stem apart, then <c>x.txt</c> or
    /// <c>x.caption</c>.
    /// </summary>
    /// <param name="image">The path or name of the image, which may be in another folder.</param>
    /// <returns>The path, or null if there is none.</returns>
    public string? TextOf(string image) =>
        ((string[])[Path.GetFileName(image), Path.GetFileNameWithoutExtension(image)])
            .SelectMany(_ => TextEndings, (name, ending) => name + ending)
            .Select(name => _texts.GetValueOrDefault(name))
            .FirstOrDefault(path => path is not null);

    /// <summary>Finds the mask of an image: <c>x.jpg.mask.png</c> or <c>x.mask.png</c>.</summary>
    /// <param name="image">The path or name of the image, which may be in another folder.</param>
    /// <returns>The path, or null if there is none.</returns>
    public string? MaskOf(string image) => _masks.GetValueOrDefault(Path.GetFileName(image))
        ?? _masks.GetValueOrDefault(Path.GetFileNameWithoutExtension(image));

    private static bool IsNamed(string path, string name) =>
        Path.GetFileName(path).Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsVisible(string path) =>
        Path.GetFileName(path) is var name && !name.StartsWith('.') && name != "__MACOSX";
}
