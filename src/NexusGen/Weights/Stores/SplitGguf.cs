using System.Globalization;
using System.Text.RegularExpressions;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;

namespace NexusGen.Weights.Stores;

/// <summary>
/// A GGUF model in several files, as llama.cpp's gguf-split writes them: <c>base-00001-of-00003.gguf</c>. Any of them stands for
/// all.
/// </summary>
internal static partial class SplitGguf
{
    private const string Count = "split.count", Number = "split.no";

    /// <summary>Finds the files of a model by one of them.</summary>
    /// <param name="file">A GGUF file.</param>
    /// <returns>The paths of all files in their order, or null if the model is in this file alone.</returns>
    /// <exception cref="WeightFileException">A file is missing, or is not the one that its name says.</exception>
    public static IReadOnlyList<string>? Parts(WeightFile file)
    {
        Match match = PartName().Match(Path.GetFileName(file.Path));
        var header = GgufHeader.Read(file);
        long declared = header.Number(Count) ?? 0;
        if (!match.Success)
        {
            return declared <= 1 ? null : throw new WeightFileException(
                $"The file {file.Path} is one of the {declared} files of a split model, but its name does not end in "
                + $"-00001-of-{declared:00000}.gguf; give it back the name that it was downloaded with.");
        }

        int number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        int count = int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
        if (number < 1 || number > count)
        {
            throw new WeightFileException($"The file {file.Path} can't be file {number} of {count}; check its name.");
        }

        if (declared > 1 && declared != count)
        {
            throw new WeightFileException(
                $"The file {file.Path} is one of {declared} files according to its metadata, but of {count} by its name.");
        }

        string folder = Path.GetDirectoryName(file.Path) ?? "", start = match.Groups["base"].Value;
        string ending = Path.GetExtension(file.Path);
        string[] paths =
        [
            .. Enumerable.Range(1, count)
                .Select(part => string.Create(CultureInfo.InvariantCulture, $"{start}-{part:00000}-of-{count:00000}{ending}"))
                .Select(name => Path.Combine(folder, name))
        ];
        string? missing = paths.FirstOrDefault(path => !File.Exists(path));
        if (missing is not null)
        {
            throw new WeightFileException(
                $"The file {Path.GetFileName(missing)} is missing; {file.Path} is one of the {count} files of the model, and all "
                + "of them are needed in one folder.");
        }

        for (int i = 0; i < count; i++)
        {
            CheckNumber(paths[i], i, count);
        }

        return paths;
    }

    /// <summary>Whether a file is not split, or the first file of a split model, by its name.</summary>
    /// <param name="path">The path of the file.</param>
    public static bool IsFirst(string path)
    {
        Match match = PartName().Match(Path.GetFileName(path));
        return !match.Success || int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) == 1;
    }

    private static void CheckNumber(string path, int index, int count)
    {
        using WeightFile part = WeightFile.Open(path);
        var header = GgufHeader.Read(part);
        if ((header.Number(Number) ?? index) != index || (header.Number(Count) ?? count) != count)
        {
            throw new WeightFileException(
                $"The file {path} is file {header.Number(Number) + 1} of {header.Number(Count)} according to its metadata: it "
                + "has the name of another one.");
        }
    }

    [GeneratedRegex(
        @"^(?<base>.+)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PartName();
}
