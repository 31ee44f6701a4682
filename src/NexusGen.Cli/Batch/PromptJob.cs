using NexusGen.Cli.Pictures;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>What one line of a file of prompts asks for.</summary>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="Request">The request.</param>
/// <param name="Name">Where its pictures go.</param>
internal sealed record PromptJob(int Line, GenerateRequest Request, OutputName Name)
{
    /// <summary>Whether all its pictures are there already.</summary>
    public bool IsDone => Enumerable.Range(1, Request.Picture.Count).All(number => File.Exists(Name.At(number)));
}
