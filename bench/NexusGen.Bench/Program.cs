using NexusGen.Verification;

foreach (CaseResult r in new Verifier(new VerifierOptions { WriteTo = args.Length > 1 ? args[1] : null }).Verify(args[0]))
{
    Console.WriteLine(r);
}
