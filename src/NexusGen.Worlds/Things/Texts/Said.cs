namespace NexusGen.Worlds.Things.Texts;

/// <summary>A text and the form of answer that it asks for.</summary>
/// <param name="Text">The text, with a capital and a final mark.</param>
/// <param name="Form">The form of the answer: <c>have</c> for 有没有, <c>be</c> for 是不是, <c>can</c> for "can you see";
/// empty if any form is right.</param>
public readonly record struct Said(string Text, string Form);
