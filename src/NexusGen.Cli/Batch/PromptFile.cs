using NexusGen.Cli.Images;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>A file with one prompt per line: the jobs of its valid lines and the errors of the others.</summary>
/// <param name="Jobs">The jobs of the valid lines, in order.</param>
/// <param name="Problems">One sentence for each invalid line, with its number.</param>
internal sealed record PromptFile(IReadOnlyList<PromptJob> Jobs, IReadOnlyList<string> Problems)
{
    /// <summary>Reads a file. Empty lines are skipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="common">The settings of all lines that do not override them.</param>
    /// <param name="output">The name from which lines without an output derive theirs, and the base of relative paths.</param>
    /// <param name="editing">Whether the lines are edits.</param>
    /// <param name="image">The image of edits that name none, or null.</param>
    /// <exception cref="NexusGenException">The file can't be read or contains no prompts.</exception>
    public static PromptFile Read(
        string path, GenerateRequest common, OutputName output, bool editing = false, string? image = null)
    {
        string[] lines;
        try
        {
            lines = TextFile.ReadLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"Can't read the prompts in {path}: {e.Message.TrimEnd('.')}.", e);
        }

        List<PromptJob> jobs = [];
        List<string> problems = [];
        Dictionary<string, int> taken = [];
        for (int number = 1; number <= lines.Length; number++)
        {
            if (string.IsNullOrWhiteSpace(lines[number - 1]))
            {
                continue;
            }

            try
            {
                PromptLine line = PromptLine.Parse(lines[number - 1], editing);
                string? source = line.Image is { } own
                    ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, own)
                    : image;
                if (editing && source is null)
                {
                    throw new FormatException("it names no image, and there is no --image");
                }

                var job = new PromptJob(number, line.Request(common), Name(line, number, output), source);
                string file = Path.GetFullPath(job.Name.Path);
                if (!taken.TryAdd(file, number))
                {
                    throw new FormatException($"its output {job.Name.Path} is already used by line {taken[file]}");
                }

                jobs.Add(job);
            }
            catch (Exception e) when (e is FormatException or NexusGenException)
            {
                problems.Add($"{path}, line {number}: {e.Message.TrimEnd('.')}.");
            }
        }

        return jobs.Count + problems.Count > 0
            ? new PromptFile(jobs, problems)
            : throw new NexusGenException($"{path} contains no prompts.");
    }

    private static OutputName Name(PromptLine line, int number, OutputName output) => line.Output is null
        ? output.OfLine(number)
        : OutputName.Parse(Path.Combine(output.Folder, line.Output), Path.GetFileName(output.Path));
}
