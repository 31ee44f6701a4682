using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>A file with a prompt a line: what can be drawn, and what is wrong with the other lines.</summary>
/// <param name="Jobs">What the good lines ask for, in order.</param>
/// <param name="Problems">A sentence for each broken line, with its number.</param>
internal sealed record PromptFile(IReadOnlyList<PromptJob> Jobs, IReadOnlyList<string> Problems)
{
    /// <summary>Reads a file. Empty lines are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="common">What holds for every line that doesn't say otherwise.</param>
    /// <param name="output">Where pictures go whose line names no file.</param>
    /// <exception cref="NexusGenException">The file can't be read, or has no lines.</exception>
    public static PromptFile Read(string path, GenerateRequest common, OutputName output)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"The prompts in {path} can't be read: {e.Message.TrimEnd('.')}.", e);
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
                PromptLine line = PromptLine.Parse(lines[number - 1]);
                var job = new PromptJob(number, line.Request(common), Name(line, number, output));
                string file = Path.GetFullPath(job.Name.Path);
                if (!taken.TryAdd(file, number))
                {
                    throw new FormatException($"its output {job.Name.Path} is that of line {taken[file]}");
                }

                jobs.Add(job);
            }
            catch (Exception e) when (e is FormatException or NexusGenException)
            {
                problems.Add($"{path}, line {number}: {e.Message.TrimEnd('.')}.");
            }
        }

        return jobs.Count + problems.Count > 0 ? new PromptFile(jobs, problems) : throw new NexusGenException($"There are no prompts in {path}.");
    }

    private static OutputName Name(PromptLine line, int number, OutputName output) => line.Output is null
        ? output.OfLine(number)
        : OutputName.Parse(Path.Combine(output.Folder, line.Output), Path.GetFileName(output.Path));
}
